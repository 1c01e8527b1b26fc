import type { Session } from '../../domain/session/session.js';
import type { Subscription } from '../../domain/subscription/subscription.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';

/**
 * Durable sessions and their subscriptions. A promise resolves when the change is durable; changes
 * become so in the order of the calls.
 */
export interface SessionStore {
  create(session: Session): Promise<void>;
  delete(session: Session): Promise<void>;
  subscribe(session: Session, subscriptions: readonly Subscription<Session>[]): Promise<void>;
  unsubscribe(session: Session, filters: readonly TopicFilter[]): Promise<void>;
}
