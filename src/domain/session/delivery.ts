import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { DeliveryTrace } from './delivery-trace.js';

/** Packet ids run from 1 to this; 0 is never one [MQTT-2.3.1-1]. */
export const PACKET_ID_MAX = 65_535;

/** The packet id that a sequence stands for. */
export function packetIdOf(sequence: number): number {
  return (sequence % PACKET_ID_MAX) + 1;
}

/**
 * How far a delivery has come:
 *
 *   queued ──▶ sent ──(QoS 1: PUBACK)────────────────────────────────────────▶ settled
 *                └────(QoS 2: PUBREC)──▶ received ──▶ released ──(PUBCOMP)──▶ settled
 *
 * `received`: the receiver has the message, which is never sent again [MQTT-4.3.3-1]; PUBREL waits
 * until that is durable. `released`: PUBREL was sent, and is what is sent again.
 * A delivery that gives way in a full queue goes from `queued` to `settled`.
 */
export type DeliveryStage = 'queued' | 'sent' | 'received' | 'released' | 'settled';

/**
 * Where a delivery stands in the journal: not at all for a session that isn't stored; gathered but
 * not yet written; in the transaction under way; in the database.
 */
export type DeliveryStorage = 'volatile' | 'pending' | 'writing' | 'written';

/** Whoever waits for a delivery to be durable, or settled before it came to that. */
export interface DeliveryTracker {
  settled(delivery: Delivery): void;
}

/** One message that a session owes to its client at QoS 1 or 2. */
export class Delivery {
  stage: DeliveryStage = 'queued';
  storage: DeliveryStorage = 'volatile';
  /** Whether it may have been sent before a restart of the broker: it then goes out with DUP [MQTT-3.3.1-1]. */
  isResend = false;
  tracker: DeliveryTracker | undefined;
  /** Undefined unless the audit trail follows the message. */
  trace: DeliveryTrace | undefined;

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
    return packetIdOf(this.sequence);
  }

  /**
   * Whether it may leave: at QoS 2 only when it is durable. A crash would otherwise give its packet id
   * to another message, which the receiver takes for a repeat.
   */
  get maySend(): boolean {
    return this.qos === 1 || this.storage === 'volatile' || this.storage === 'written';
  }
}
