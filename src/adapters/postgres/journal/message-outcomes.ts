import type { AuditEvent } from '../../../domain/audit/audit-event.js';
import { type DroppedRange, droppedEvents, outcomeEvents } from '../../../domain/audit/message-events.js';
import type { DroppedOutcome, Outcome } from '../../../domain/audit/receiver-trace.js';
import type { TrimChange } from './batch.js';

/** What a followed message, or what became of one, takes of a batch, in rows: much is told in few of them. */
export const MESSAGE_ROWS = 0.1;
/** What an outcome counts for in the limit of what waits, in bytes. */
export const OUTCOME_BYTES = 128;

/** What the message trail is told with the next batch of messages that stand in the trail already. */
export class MessageOutcomes {
  readonly delivered: Outcome[] = [];
  readonly acknowledged: Outcome[] = [];
  readonly dropped: DroppedOutcome[] = [];

  get count(): number {
    return this.delivered.length + this.acknowledged.length + this.dropped.length;
  }

  /** What they count for in the limit of what waits. */
  get bytes(): number {
    return this.count * OUTCOME_BYTES;
  }

  /** Makes events of them, and of what gave way. */
  events(trims: readonly TrimChange[]): AuditEvent[] {
    return [
      ...outcomeEvents('messages.delivered', this.delivered),
      ...outcomeEvents('messages.acknowledged', this.acknowledged),
      ...droppedEvents([
        ...trims.flatMap(trimmedRange),
        ...this.dropped.map((outcome) => ({ ...outcome, count: 1 })),
      ]),
    ];
  }
}

function trimmedRange({ session, after, through, expected, telling }: TrimChange): readonly DroppedRange[] {
  if (telling === undefined) return [];
  const { clientId, atMs } = telling;
  const receiver = { key: session.key, clientId };
  const reason = expected.isPurge ? 'purged' : 'queue_full';
  return [{ receiver, sequence: after + 1, count: through - after, reason, atMs }];
}
