import { AuthenticationBusy } from '../../application/ports/authentication-provider.js';

/** How much may be under way. */
export interface TurnLimits {
  readonly concurrencyMax: number;
  /** How many wait for their turn; past it `AuthenticationBusy` is thrown. */
  readonly queueMax: number;
}

/** Does a few things at a time; the rest waits, and the longest waiting comes first. */
export class TurnQueue {
  private running = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly limits: TurnLimits) {}

  /**
   * @param isAwaited Whether somebody still waits for the outcome when the turn has come.
   * @throws AuthenticationBusy when too many wait, or nobody does any longer; and what `work` throws.
   */
  async run<T>(work: () => Promise<T>, isAwaited: () => boolean): Promise<T> {
    await this.turn();
    try {
      if (!isAwaited()) throw new AuthenticationBusy('the client has gone');
      return await work();
    } finally {
      this.next();
    }
  }

  private async turn(): Promise<void> {
    if (this.running < this.limits.concurrencyMax) {
      this.running++;
      return;
    }
    if (this.waiting.size >= this.limits.queueMax) throw new AuthenticationBusy('too many clients wait');
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** Hands the turn to the one that has waited longest. */
  private next(): void {
    const [first] = this.waiting;
    if (first === undefined) this.running--;
    else {
      this.waiting.delete(first);
      first();
    }
  }
}
