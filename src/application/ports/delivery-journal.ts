import type { AuditEvent } from '../../domain/audit/audit-event.js';
import type { RetainedMessage } from '../../domain/retained/retained-message.js';
import type { Delivery } from '../../domain/session/delivery.js';
import type { StoredSession, Trim, TrimTelling } from '../../domain/session/delivery-store.js';
import type { TopicName } from '../../domain/topic/topic-name.js';

/** A delivery that a session owes. */
export interface OwedDelivery {
  readonly session: StoredSession;
  readonly delivery: Delivery;
}

/** A change to what a topic retains. */
export type RetainedChange = { readonly set: RetainedMessage } | { readonly clear: TopicName };

/** What one publish changes in durable state: all of it becomes durable together, or none of it. */
export interface JournalEntry {
  readonly deliveries: readonly OwedDelivery[];
  readonly retained: RetainedChange | undefined;
  /** The QoS 2 packet id that it came under, for a sender whose session is stored. */
  readonly received: { readonly session: StoredSession; readonly packetId: number } | undefined;
  /** The number of the connection whose stored will this is: it is removed. */
  readonly willOf: number | undefined;
  /** What it tells the audit trail, in the same transaction. An entry that has any is never obsolete. */
  readonly events: readonly AuditEvent[] | undefined;
  /**
   * The number of the message where the audit trail follows it: told in the same transaction. Such an entry is never
   * obsolete. Entries are appended in the order of their messages.
   */
  readonly trace: number | undefined;
  /** What it counts for in the limit of what waits to be committed: topic and payload once. */
  readonly bytes: number;
  /**
   * False while its receivers may still acknowledge it before it is written, and so spare the write; one that the audit
   * trail follows becomes urgent when they have.
   */
  readonly isUrgent: boolean;
  /** True when nothing of it has to be written any more. */
  readonly isObsolete: boolean;
  /** Called once, when all of the above is durable. */
  committed(): void;
}

/**
 * The record of what stored sessions are owed. Calls only gather; `committed` follows in the order of
 * the calls, and no call fails: while the database is away, changes wait.
 */
export interface DeliveryJournal {
  append(entry: JournalEntry): void;
  /** The delivery is owed no longer: what was stored is removed, and what wasn't never is. */
  settle(session: StoredSession, delivery: Delivery): void;
  /** A receiver's PUBREC: `committed` lets our PUBREL leave. */
  received(session: StoredSession, delivery: Delivery, committed: () => void): void;
  /** A sender's PUBREL: `committed` lets our PUBCOMP leave. */
  forgetReceivedId(session: StoredSession, packetId: number, committed: () => void): void;
  /** Removes what gave way; `session.trimmed` follows. @param telling What the audit trail is told of it. */
  trim(session: StoredSession, trim: Trim, telling?: TrimTelling): void;
}
