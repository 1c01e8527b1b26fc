import type { MemoryPressure } from '../../application/broker.js';
import type { Counters, SlowReason } from '../../domain/counters.js';
import { Allowance } from './allowance.js';
import type { LinkLimits } from './link-limits.js';

/** How fast a client may publish: once that is used up, nothing more is read from it until a tick refills it. */
export class PublishRate {
  isUsedUp = false;
  private readonly messages: Allowance;
  private readonly bytes: Allowance;

  constructor(
    { publishRateMax, publishBytesRateMax }: LinkLimits,
    private readonly memory: MemoryPressure,
    private readonly counters: Counters,
  ) {
    this.messages = Allowance.of(publishRateMax);
    this.bytes = Allowance.of(publishBytesRateMax);
  }

  received(bytes: number): void {
    this.bytes.use(bytes);
    if (this.bytes.isUsedUp) this.slow('byte_rate');
  }

  published(): void {
    this.messages.use(1);
    if (this.messages.isUsedUp) this.slow('message_rate');
    // One message a tick, so that nobody stands still who has acknowledgements to send as well.
    else if (this.memory.isShort) this.slow('memory');
  }

  /** @returns whether it was used up, and no longer is. */
  refill(elapsedMs: number): boolean {
    this.messages.refill(elapsedMs);
    this.bytes.refill(elapsedMs);
    if (!this.isUsedUp || this.messages.isUsedUp || this.bytes.isUsedUp) return false;
    this.isUsedUp = false;
    return true;
  }

  private slow(reason: SlowReason): void {
    if (this.isUsedUp) return;
    this.isUsedUp = true;
    this.counters.slowed[reason]++;
  }
}
