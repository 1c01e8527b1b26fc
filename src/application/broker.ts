import type { CloseReason } from '../domain/close-reason.js';
import type { ConnectRequest } from '../domain/connect-request.js';
import type { Counters } from '../domain/counters.js';
import type { Message } from '../domain/message.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AcknowledgeDelivery } from './acknowledge-delivery.js';
import type { Bans } from './authentication/bans.js';
import type { ExpireCredentials } from './authentication/expire-credentials.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectClient, ConnectOutcome, EarlyRefusal } from './connect-client.js';
import type { ConnectedClient } from './connected-client.js';
import type { ConnectionClose, ConnectionOrigin, EndConnection } from './end-connection.js';
import type { ExpireSessions } from './expire-sessions.js';
import type { MemoryPressure } from './memory-watch.js';
import type { ClientLink } from './ports/client-link.js';
import type { PublishMessage } from './publish-message.js';
import type { Steps } from './steps.js';
import type { SubscribeClient, SubscriptionRequest } from './subscribe-client.js';
import type { UnsubscribeClient } from './unsubscribe-client.js';

export type {
  ConnectedClient,
  ConnectionClose,
  ConnectOutcome,
  EarlyRefusal,
  MemoryPressure,
  Steps,
  SubscriptionRequest,
};

/** The use cases that make up a broker. */
export interface UseCases {
  readonly connectClient: ConnectClient;
  readonly publishMessage: PublishMessage;
  readonly acknowledgeDelivery: AcknowledgeDelivery;
  readonly subscribeClient: SubscribeClient;
  readonly unsubscribeClient: UnsubscribeClient;
  readonly endConnection: EndConnection;
  readonly bans: Pick<Bans, 'keepsOut'>;
  readonly expireCredentials: ExpireCredentials;
  readonly expireSessions: ExpireSessions;
}

/** A reading of how much the broker holds. */
export interface BrokerGauges {
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly retainedMessages: number;
  readonly retainedBytes: number;
}

/** All that a connection may ask of the broker: the way in for every transport. */
export class Broker {
  private readonly publishMessage: PublishMessage;
  private readonly acknowledgeDelivery: AcknowledgeDelivery;

  constructor(
    private readonly state: BrokerState,
    private readonly useCases: UseCases,
  ) {
    this.publishMessage = useCases.publishMessage;
    this.acknowledgeDelivery = useCases.acknowledgeDelivery;
  }

  get counters(): Counters {
    return this.state.counters;
  }

  gauges(): BrokerGauges {
    const { clients, sessions, subscriptions, retained } = this.state;
    return {
      connections: clients.size,
      sessions: sessions.size,
      subscriptions: subscriptions.size,
      retainedMessages: retained.size,
      retainedBytes: retained.bytes,
    };
  }

  /** Whether everybody from this address is banned: nothing that comes from there need be looked at. */
  keepsOut(address: string): boolean {
    return this.useCases.bans.keepsOut(address);
  }

  connect(request: ConnectRequest, link: ClientLink): Promise<ConnectOutcome> {
    return this.useCases.connectClient.connect(request, link);
  }

  publish(client: ConnectedClient, message: Message, packetId: number): void {
    this.publishMessage.publish(client, message, packetId);
  }

  puback(client: ConnectedClient, packetId: number): void {
    this.acknowledgeDelivery.puback(client, packetId);
  }

  pubrec(client: ConnectedClient, packetId: number): void {
    this.acknowledgeDelivery.pubrec(client, packetId);
  }

  pubrel(client: ConnectedClient, packetId: number): void {
    this.acknowledgeDelivery.pubrel(client, packetId);
  }

  pubcomp(client: ConnectedClient, packetId: number): void {
    this.acknowledgeDelivery.pubcomp(client, packetId);
  }

  /** @returns what is left to do of very many filters: the client's next packets have to wait for it. */
  subscribe(
    client: ConnectedClient,
    packetId: number,
    requests: readonly SubscriptionRequest[],
  ): Steps | undefined {
    return this.useCases.subscribeClient.subscribe(client, packetId, requests);
  }

  /** @returns what is left to do of very many filters: the client's next packets have to wait for it. */
  unsubscribe(client: ConnectedClient, packetId: number, filters: readonly TopicFilter[]): Steps | undefined {
    return this.useCases.unsubscribeClient.unsubscribe(client, packetId, filters);
  }

  endConnection(client: ConnectedClient, close: ConnectionClose): void {
    this.useCases.endConnection.end(client, close);
  }

  /** A connection ended by which no client was let in. */
  endUnusedConnection(origin: ConnectionOrigin, reason: CloseReason): void {
    this.useCases.endConnection.endUnused(origin, reason);
  }

  /** A connection was refused before its CONNECT was looked at. */
  refusedConnection(origin: ConnectionOrigin, reason: EarlyRefusal, detail?: string): void {
    this.useCases.connectClient.refused(origin, reason, detail);
  }

  /** Ends connections whose proof of identity has ended. */
  expireCredentials(nowMs: number): void {
    this.useCases.expireCredentials.sweep(nowMs);
  }

  expireSessions(nowMs: number): void {
    this.useCases.expireSessions.sweep(nowMs);
  }

  /** From now on no client is let in. */
  refuseClients(): void {
    this.state.isStopping = true;
  }
}
