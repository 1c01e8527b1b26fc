import type { Message } from '../message.js';
import type { QoS } from '../qos.js';

/**
 * What a session calls to hand packets to its connected client. All methods are synchronous and
 * only gather bytes; the owner of the connection writes them.
 */
export interface DeliverySink {
  /** False while the peer is behind: deliveries at QoS 1 and 2 then wait in the session's queue. */
  readonly writable: boolean;
  /** Deliveries unsettled at a time on this connection, where that differs from the session's own limit. */
  readonly inflightMax?: number;
  /**
   * Sends a PUBLISH for the first time; `packetId` is 0 at QoS 0.
   * @returns false when it was let go, at QoS 0, because the peer doesn't read.
   */
  deliver(message: Message, qos: QoS, packetId: number, retain: boolean): boolean;
  /** Sends a PUBLISH again, with DUP [MQTT-3.3.1-1]. */
  redeliver(message: Message, qos: QoS, packetId: number, retain: boolean): void;
  /** Sends a PUBREL. */
  release(packetId: number): void;
  /** Asks for another `session.pump()` once what was handed over is on its way. */
  pumpLater(): void;
}
