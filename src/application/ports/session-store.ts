import type { AuditEvent } from '../../domain/audit/audit-event.js';
import type { StoredSession } from '../../domain/session/delivery-store.js';
import type { Session } from '../../domain/session/session.js';
import type { Subscription } from '../../domain/subscription/subscription.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';

/**
 * Durable sessions and their subscriptions. A promise resolves when the change is durable; changes
 * become so in the order of the calls, and wait while the database is away.
 */
export interface SessionStore {
  /** The number of a new session, stored or not: nothing that is durable has ever named another session by it. */
  newKey(): number;
  /** Stores a session unless it is stored already; resolves when it is. */
  ensure(session: Session): Promise<void>;
  /** Notes when its client went away; nobody waits for that. */
  leave(session: Session): void;
  /** @param event Tells the audit trail, in the same transaction. */
  delete(session: Session, event: AuditEvent): void;
  /** Stores subscriptions; the retained messages that they match are owed until `replayed`. */
  subscribe(session: Session, subscriptions: readonly Subscription<Session>[]): Promise<void>;
  /** All retained messages for a subscription were sent or stored; nobody waits for that. */
  replayed(session: StoredSession, subscription: Subscription<unknown>): void;
  unsubscribe(session: Session, filters: readonly TopicFilter[]): Promise<void>;
}
