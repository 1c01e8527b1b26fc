import type { ClientId } from '../../domain/client-id.js';
import type { QoS } from '../../domain/qos.js';
import type { RetainedMessage } from '../../domain/retained/retained-message.js';
import type { StoredBacklog } from '../../domain/session/delivery-store.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { Will } from '../../domain/will/will.js';

export interface StoredSubscription {
  readonly filter: TopicFilter;
  readonly qos: QoS;
  /** Whether it was still being sent the retained messages that it matches. */
  readonly isReplaying: boolean;
}

/** A durable session as it was stored. */
export interface StoredSessionRow {
  readonly key: number;
  readonly clientId: ClientId;
  /** Milliseconds since the epoch; undefined when it was connected to the end. */
  readonly disconnectedAtMs: number | undefined;
  readonly subscriptions: readonly StoredSubscription[];
  /** The last sequence that may have been sent. */
  readonly sentThrough: number;
  /** Packet ids of QoS 2 messages that came in and weren't released. */
  readonly receivedIds: readonly number[];
  /** What it owes; undefined when nothing. */
  readonly backlog: StoredBacklog | undefined;
}

/** A will whose connection the end of the broker cut off. */
export interface StoredWill {
  /** The number of the connection. */
  readonly connection: number;
  readonly clientId: ClientId;
  readonly will: Will;
}

/** What the last run left behind, in pages. */
export interface StateSource {
  sessions(): AsyncIterable<readonly StoredSessionRow[]>;
  retained(): AsyncIterable<readonly RetainedMessage[]>;
  wills(): Promise<readonly StoredWill[]>;
}
