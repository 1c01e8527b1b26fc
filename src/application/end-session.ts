import type { Session } from '../domain/session/session.js';
import type { BrokerState } from './broker-state.js';
import type { SessionStore } from './ports/session-store.js';

/** Throws a session away with all that it holds; retained messages are no part of it [MQTT-3.1.2-7]. */
export class EndSession {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
  ) {}

  end(session: Session): void {
    for (const { filter } of session.subscriptions.values()) this.state.subscriptions.remove(session, filter);
    session.subscriptions.clear();
    this.state.counters.dropped.session_ended += session.owedCount;
    if (this.state.sessions.get(session.clientId) === session) this.state.sessions.delete(session.clientId);
    if (session.durable) this.store.delete(session);
  }
}
