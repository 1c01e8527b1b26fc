import type { DropReason } from '../counters.js';

/** Is told what becomes of one message for one session. */
export interface DeliveryTrace {
  /** The session owes it, under this sequence. */
  owed(sequence: number): void;
  /** It was handed to the client's connection; again after each reconnect that sends it again. */
  sent(): void;
  /** The client has acknowledged it to the end: PUBACK or PUBCOMP. */
  acknowledged(): void;
  /** It will never be sent, or never again. */
  dropped(reason: DropReason): void;
}
