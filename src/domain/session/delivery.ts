import type { Message } from '../message.js';
import type { QoS } from '../qos.js';

/** Packet ids run from 1 to this; 0 is never one [MQTT-2.3.1-1]. */
export const PACKET_ID_MAX = 65_535;

/**
 * How far a delivery has come:
 *
 *   queued ──▶ sent ──(QoS 1: PUBACK)──────────────────▶ settled
 *                └────(QoS 2: PUBREC)──▶ released ──(PUBCOMP)──▶ settled
 *
 * `released`: the receiver has the message, and only PUBREL is sent again [MQTT-4.3.3-1].
 * A delivery that is dropped from a full queue goes from `queued` to `settled`.
 */
export type DeliveryStage = 'queued' | 'sent' | 'released' | 'settled';

/** One message that a session owes to its client at QoS 1 or 2. */
export class Delivery {
  stage: DeliveryStage = 'queued';

  constructor(
    /** Counts a session's deliveries; their order is the order of sending. */
    readonly sequence: number,
    readonly message: Message,
    readonly qos: QoS,
    readonly retain: boolean,
  ) {}

  /**
   * Derived, so that a resend after a restart carries the original id without a write for it
   * [MQTT-4.4.0-1].
   */
  get packetId(): number {
    return (this.sequence % PACKET_ID_MAX) + 1;
  }
}
