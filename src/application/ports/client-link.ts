import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { DeliverySink } from '../../domain/session/delivery-sink.js';
import type { SubscribeCode } from '../../domain/subscription/subscribe-code.js';

/** A client's connection, as the use cases see it. All methods only gather bytes, and none waits. */
export interface ClientLink extends DeliverySink {
  /** The peer's address, without the port. */
  readonly remoteAddress: string;
  /** What the peer has shown to the transport. */
  readonly certificate: ClientCertificate | undefined;
  /** The name of the listener that it came by. */
  readonly listener: string;
  /** When the connection was made, in milliseconds since the epoch. */
  readonly openedAtMs: number;
  /** The longest silence that its client has promised, in milliseconds; 0 if it has promised none. */
  readonly keepAliveMs: number;
  /** Bytes that wait to be taken by the network. */
  readonly waitingBytes: number;
  /** Subscriptions of a session that comes by it, where that differs from the general limit. */
  readonly subscriptionsMax?: number;
  /** False from the moment that the connection ends, by whomever. */
  readonly isOpen: boolean;
  /** Sends CONNACK with return code 0: the first packet on the connection [MQTT-3.2.0-1]. */
  accept(sessionPresent: boolean): void;
  puback(packetId: number): void;
  pubrec(packetId: number): void;
  pubcomp(packetId: number): void;
  suback(packetId: number, codes: readonly SubscribeCode[]): void;
  unsuback(packetId: number): void;
  /** Stops taking packets from the client, until `resumeReading`. */
  holdReading(): void;
  resumeReading(): void;
  /** Ends the connection, after what was gathered is written. A second call does nothing. */
  close(reason: CloseReason): void;
}
