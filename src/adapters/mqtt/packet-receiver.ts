import type { Broker, ConnectedClient, Steps, SubscriptionRequest } from '../../application/broker.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { Message } from '../../domain/message.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { ConnectFields, PacketHandler } from './packet-handler.js';
import type { ProtocolLevel } from './packet-types.js';

/** The connection that packets come by, as far as their receiver needs it. */
export interface ReceivingLink {
  readonly takesPackets: boolean;
  /** Whether a packet that may take long has to wait for the connection's next turn. */
  mustWait(): boolean;
  /** Counts a packet against the time that the connection may take in a row. */
  handled(isCheap: boolean): void;
  /** Has the packet that is being handled done to its end, in later turns if need be, before any other. */
  goOnWith(steps: Steps): void;
  /** Undefined until its CONNECT was accepted. */
  readonly client: ConnectedClient | undefined;
  /** Takes the connection's first CONNECT. @returns false for any later one. */
  beginConnect(request: ConnectFields, level: ProtocolLevel): boolean;
  refuseLevel(): boolean;
  /** Counts a publish against what the client may send. */
  published(): void;
  pingresp(): void;
  disconnected(): void;
  close(reason: CloseReason): void;
}

/** Takes a connection's packets to the broker. */
export class PacketReceiver implements PacketHandler {
  constructor(
    private readonly link: ReceivingLink,
    private readonly broker: Broker,
  ) {}

  get takesPackets(): boolean {
    return this.link.takesPackets;
  }

  mustWait(): boolean {
    return this.link.mustWait();
  }

  handled(isCheap: boolean): void {
    this.broker.counters.receivedPackets++;
    this.link.handled(isCheap);
  }

  connect(request: ConnectFields, level: ProtocolLevel): void {
    if (!this.link.beginConnect(request, level)) this.violate('second_connect'); // [MQTT-3.1.0-2]
  }

  unsupportedLevel(): void {
    if (!this.link.refuseLevel()) this.violate('second_connect');
  }

  publish(message: Message, packetId: number): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first'); // [MQTT-3.1.0-1]
    const { counters } = this.broker;
    counters.received[message.qos]++;
    counters.receivedPayloadBytes[message.qos] += message.payloadEnd - message.payloadStart;
    this.broker.publish(client, message, packetId);
    this.link.published();
  }

  puback(packetId: number): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.broker.puback(client, packetId);
  }

  pubrec(packetId: number): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.broker.pubrec(client, packetId);
  }

  pubrel(packetId: number): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.broker.pubrel(client, packetId);
  }

  pubcomp(packetId: number): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.broker.pubcomp(client, packetId);
  }

  subscribe(packetId: number, requests: readonly SubscriptionRequest[]): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.goOnWith(this.broker.subscribe(client, packetId, requests));
  }

  unsubscribe(packetId: number, filters: readonly TopicFilter[]): void {
    const { client } = this.link;
    if (client === undefined) return this.violate('no_connect_first');
    this.goOnWith(this.broker.unsubscribe(client, packetId, filters));
  }

  pingreq(): void {
    if (this.link.client === undefined) return this.violate('no_connect_first');
    this.link.pingresp(); // [MQTT-3.12.4-1]
  }

  disconnect(): void {
    if (this.link.client === undefined) return this.violate('no_connect_first');
    this.link.disconnected();
  }

  violate(reason: CloseReason): void {
    this.link.close(reason); // [MQTT-4.8.0-1]
  }

  private goOnWith(steps: Steps | undefined): void {
    if (steps !== undefined) this.link.goOnWith(steps);
  }
}
