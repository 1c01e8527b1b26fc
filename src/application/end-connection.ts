import type { ConnectionEnd, Will } from '../domain/will/will.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { EndSession } from './end-session.js';
import type { Clock } from './ports/clock.js';
import type { Storage } from './ports/storage.js';
import { Publication } from './publication.js';
import type { RouteMessage } from './route-message.js';

/** The end of a client's connection: its session goes or stays, its will is published or not. */
export class EndConnection {
  constructor(
    private readonly state: BrokerState,
    private readonly router: RouteMessage,
    private readonly endSession: EndSession,
    private readonly storage: Pick<Storage, 'sessions' | 'wills'>,
    private readonly clock: Clock,
  ) {}

  /** A second call for the same connection does nothing. */
  end(client: ConnectedClient, end: ConnectionEnd): void {
    if (client.hasEnded) return;
    client.hasEnded = true;
    const { session } = client;
    if (this.state.clients.get(session.clientId) === client) this.state.clients.delete(session.clientId);
    session.detach(this.clock.nowMs());
    if (session.durable) this.storage.sessions.leave(session);
    else this.endSession.end(session); // [MQTT-3.1.2-6]
    if (client.will !== undefined) this.endWill(client, client.will, end);
  }

  /** The will is gone from the store in the same transaction in which it is published [MQTT-3.1.2-10]. */
  private endWill({ connection, isAccepted }: ConnectedClient, will: Will, end: ConnectionEnd): void {
    if (!isAccepted || !will.isDue(end)) {
      this.storage.wills.clear(connection);
      return;
    }
    const publication = new Publication(will.message.queueBytes);
    publication.willOf = connection;
    this.router.route(will.message, publication); // [MQTT-3.1.2-8]
  }
}
