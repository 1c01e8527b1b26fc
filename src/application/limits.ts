import type { SessionLimits } from '../domain/session/session-limits.js';
import type { TopicLimits } from '../domain/topic/topic-name.js';

/** How much the use cases let clients have. */
export interface Limits extends SessionLimits, TopicLimits {
  readonly clientIdBytesMax: number;
  readonly sessionsMax: number;
  readonly subscriptionsPerSessionMax: number;
  readonly retainedMessagesMax: number;
  /** Topic and payload bytes of all retained messages. */
  readonly retainedBytesMax: number;
  /** Rows that wait to be committed before those are held who add most. */
  readonly journalRowsMax: number;
}
