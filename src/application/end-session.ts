import type { Session } from '../domain/session/session.js';
import type { BrokerState } from './broker-state.js';
import type { SessionStore } from './ports/session-store.js';
import type { Logger } from './ports/logger.js';

/** Throws a session away with all that it holds; retained messages are no part of it [MQTT-3.1.2-7]. */
export class EndSession {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly logger: Logger,
  ) {}

  end(session: Session): void {
    for (const { filter } of session.subscriptions.values()) this.state.subscriptions.remove(session, filter);
    session.subscriptions.clear();
    this.state.counters.dropped.session_ended += session.owedCount;
    if (this.state.sessions.get(session.clientId) === session) this.state.sessions.delete(session.clientId);
    if (!session.durable) return;
    this.store.delete(session).catch((error: unknown) => {
      this.logger.error('a session could not be deleted', {
        clientId: session.clientId,
        error: String(error),
      });
    });
  }
}
