import type { CloseReason } from '../domain/close-reason.js';
import type { ConnectionEnd, Will } from '../domain/will/will.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { EndSession } from './end-session.js';
import type { ClientLink } from './ports/client-link.js';
import type { Clock } from './ports/clock.js';
import type { Storage } from './ports/storage.js';
import type { RouteMessage } from './route-message.js';

/** Where a connection came from. */
export type ConnectionOrigin = Pick<ClientLink, 'remoteAddress' | 'listener'>;

/** How a connection ended, and why. */
export interface ConnectionClose {
  readonly end: ConnectionEnd;
  readonly reason: CloseReason;
}

/** What `EndConnection` works with. */
export interface EndConnectionDependencies {
  readonly state: BrokerState;
  readonly router: RouteMessage;
  readonly endSession: EndSession;
  readonly storage: Pick<Storage, 'sessions' | 'wills'>;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
}

/** The end of a client's connection: its session goes or stays, its will is published or not. */
export class EndConnection {
  constructor(private readonly deps: EndConnectionDependencies) {}

  /** A second call for the same connection does nothing. */
  end(client: ConnectedClient, { end, reason }: ConnectionClose): void {
    if (client.hasEnded) return;
    client.hasEnded = true;
    const { state, endSession, storage, audit, clock } = this.deps;
    const { session, actor } = client;
    if (state.clients.get(session.clientId) === client) state.clients.delete(session.clientId);
    session.detach(clock.nowMs());
    if (client.isAccepted) audit.record('connection.closed', actor, { reason });
    if (session.durable) storage.sessions.leave(session);
    else endSession.end(session, { kind: 'session.deleted', reason: 'connection_ended' }); // [MQTT-3.1.2-6]
    if (client.will !== undefined) this.endWill(client, client.will, { end, reason });
    // Thousands may end in one turn of the event loop: too much for one transaction.
    audit.seal();
  }

  /** The broker ends the connection: its client is told nothing, as MQTT 3.1.1 has no packet for that. */
  cut(client: ConnectedClient, reason: CloseReason, end: ConnectionEnd = 'lost'): void {
    this.end(client, { end, reason });
    client.link.close(reason);
  }

  /** A connection ended by which no client was let in. */
  endUnused({ remoteAddress: address, listener }: ConnectionOrigin, reason: CloseReason): void {
    this.deps.audit.refused('connection.closed', { address, listener }, { reason });
  }

  private endWill(
    { connection, isAccepted, access, actor }: ConnectedClient,
    will: Will,
    { end, reason }: ConnectionClose,
  ): void {
    if (!isAccepted || !will.isDue(end)) {
      this.deps.storage.wills.clear(connection);
      return;
    }
    // The rules may have changed since the CONNECT that brought it.
    const { isAllowed, rule } = will.decision(access);
    if (!isAllowed) {
      const { state, storage, audit } = this.deps;
      state.counters.dropped.denied++;
      audit.refused('publish.denied', actor, { reason: 'will_denied', rule, topic: will.message.topic });
      storage.wills.clear(connection);
      return;
    }
    this.deps.router.routeWill(will, connection, { ...actor, reason }); // [MQTT-3.1.2-8]
  }
}
