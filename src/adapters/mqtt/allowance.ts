/**
 * What a client may still use up before it has to wait. It is refilled by the tick, up to one second's
 * worth, so that a client which paused may catch up for that long.
 */
export class Allowance {
  private left: number;

  /** @returns one that never runs out where the rate is 0: it is shared, as most connections have only such. */
  static of(ratePerSecond: number): Allowance {
    return ratePerSecond === 0 ? UNLIMITED : new Allowance(ratePerSecond);
  }

  /** @param ratePerSecond 0 never runs out. */
  constructor(private ratePerSecond: number) {
    this.left = ratePerSecond;
  }

  /** With another rate there is a whole second's worth of it at once. */
  changeTo(ratePerSecond: number): void {
    if (ratePerSecond !== this.ratePerSecond) this.ratePerSecond = this.left = ratePerSecond;
  }

  get isUsedUp(): boolean {
    return this.left <= 0 && this.ratePerSecond > 0;
  }

  /** Whether nothing of it is used at the moment. */
  get isWhole(): boolean {
    return this.left >= this.ratePerSecond;
  }

  /** May go below zero: what is overdrawn is waited off. */
  use(amount: number): void {
    if (this.ratePerSecond > 0) this.left -= amount;
  }

  refill(elapsedMs: number): void {
    if (this.ratePerSecond === 0) return;
    this.left = Math.min(this.ratePerSecond, this.left + (this.ratePerSecond * elapsedMs) / 1000);
  }
}

const UNLIMITED = new Allowance(0);
