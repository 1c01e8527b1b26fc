import type { ConnectionEnd } from '../domain/will/will.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { EndSession } from './end-session.js';
import type { Clock } from './ports/clock.js';
import type { RouteMessage } from './route-message.js';

/** The end of a client's connection: its session goes or stays, its will is published or not. */
export class EndConnection {
  constructor(
    private readonly state: BrokerState,
    private readonly router: RouteMessage,
    private readonly endSession: EndSession,
    private readonly clock: Clock,
  ) {}

  /** A second call for the same connection does nothing. */
  end(client: ConnectedClient, end: ConnectionEnd): void {
    if (client.hasEnded) return;
    client.hasEnded = true;
    const { session, will } = client;
    if (this.state.clients.get(session.clientId) === client) this.state.clients.delete(session.clientId);
    session.detach(this.clock.nowMs());
    if (!session.durable) this.endSession.end(session); // [MQTT-3.1.2-6]
    if (client.isAccepted && will?.isDue(end) === true) this.router.route(will.message); // [MQTT-3.1.2-8] [MQTT-3.1.2-10]
  }
}
