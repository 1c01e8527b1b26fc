import type { DropReason } from '../counters.js';
import type { DeliveryTrace } from '../session/delivery-trace.js';
import type { MessageLog, Receiver } from './message-log.js';

/** What became of a message for one receiver after the record of its publishing. */
export interface Outcome {
  readonly receiver: Pick<Receiver, 'key' | 'clientId'>;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** That it will not be sent, or not again. */
export interface DroppedOutcome extends Outcome {
  readonly reason: string;
}

/** Who is told of outcomes, and when they are. */
export interface TraceWitness {
  readonly log: MessageLog;
  nowMs(): number;
  delivered(outcome: Outcome): void;
  acknowledged(outcome: Outcome): void;
  dropped(outcome: DroppedOutcome): void;
}

/** The number of a receiver whose message was told by an earlier run, or before it was read back. */
export const TOLD = -1;

/** One message on its way to one receiver: part of what its message's record will say, or told by itself after that. */
export class ReceiverTrace implements DeliveryTrace {
  private sequence = -1;

  /** @param number Of the receiver in the log, or `TOLD`. */
  constructor(
    private readonly witness: TraceWitness,
    private readonly receiver: Receiver,
    private readonly number: number,
  ) {}

  owed(sequence: number): void {
    this.sequence = sequence;
    if (this.isHeld) this.witness.log.owed(this.number, sequence);
  }

  sent(): void {
    const atMs = this.witness.nowMs();
    if (this.isHeld) this.witness.log.sent(this.number, atMs);
    else this.witness.delivered(this.outcome(atMs));
  }

  acknowledged(): void {
    const atMs = this.witness.nowMs();
    if (this.isHeld) this.witness.log.ended(this.number, 'acknowledged', atMs);
    else this.witness.acknowledged(this.outcome(atMs));
  }

  dropped(reason: DropReason): void {
    const atMs = this.witness.nowMs();
    if (this.isHeld) this.witness.log.ended(this.number, reason, atMs);
    else this.witness.dropped({ ...this.outcome(atMs), reason });
  }

  private get isHeld(): boolean {
    return this.witness.log.holds(this.number);
  }

  private outcome(atMs: number): Outcome {
    const { receiver, sequence } = this;
    return { receiver, sequence, atMs };
  }
}
