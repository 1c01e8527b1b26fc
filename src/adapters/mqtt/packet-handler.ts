import type { SubscriptionRequest } from '../../application/broker.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { ConnectRequest } from '../../domain/connect-request.js';
import type { Message } from '../../domain/message.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { ProtocolLevel } from './packet-types.js';

/** A CONNECT as it was read; which listener it came by is added by the connection. */
export type ConnectFields = Omit<ConnectRequest, 'anonymousAllowed'>;

/** What a decoder calls, packet by packet, in the order in which they came. */
export interface PacketHandler {
  /** False while no further packet is to be handed over: what has come is held until `resume`. */
  readonly takesPackets: boolean;
  /** Asked before a packet that may take long: whether it has to be held, as after `takesPackets` has become false. */
  mustWait(): boolean;
  /** A packet was handed over. @param isCheap False for one that may take long by itself. */
  handled(isCheap: boolean): void;
  /** The right name at a level that is not served [MQTT-3.1.2-2]. */
  unsupportedLevel(): void;
  connect(request: ConnectFields, level: ProtocolLevel): void;
  publish(message: Message, packetId: number): void;
  puback(packetId: number): void;
  pubrec(packetId: number): void;
  pubrel(packetId: number): void;
  pubcomp(packetId: number): void;
  subscribe(packetId: number, requests: readonly SubscriptionRequest[]): void;
  unsubscribe(packetId: number, filters: readonly TopicFilter[]): void;
  pingreq(): void;
  disconnect(): void;
  /** Bytes that break the protocol; nothing is decoded after it. */
  violate(reason: CloseReason): void;
}
