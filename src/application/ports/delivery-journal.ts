import type { Delivery } from '../../domain/session/delivery.js';
import type { Session } from '../../domain/session/session.js';
import type { RetainedMessage } from '../../domain/retained/retained-message.js';
import type { TopicName } from '../../domain/topic/topic-name.js';

/** What one publish changes in durable state: all of it becomes durable together, or none of it. */
export interface JournalEntry {
  readonly deliveries: readonly { readonly session: Session; readonly delivery: Delivery }[];
  /** The retained message that it sets, or the topic that it clears. */
  readonly retained: { readonly set: RetainedMessage } | { readonly clear: TopicName } | undefined;
  /** The QoS 2 packet id that it came under, for a durable sender. */
  readonly received: { readonly session: Session; readonly packetId: number } | undefined;
  /** Called once, when all of the above is durable. */
  committed(): void;
}

/**
 * The record of what durable sessions are owed. Calls only gather; `committed` follows in the order
 * of the calls.
 */
export interface DeliveryJournal {
  append(entry: JournalEntry): void;
  /** The receiver has acknowledged: what was stored is no longer owed, and what wasn't never is. */
  settle(session: Session, delivery: Delivery): void;
  /** A receiver's PUBREC: `committed` lets our PUBREL leave. */
  received(session: Session, delivery: Delivery, committed: () => void): void;
  /** A sender's PUBREL: `committed` lets our PUBCOMP leave. */
  forgetReceivedId(session: Session, packetId: number, committed: () => void): void;
}
