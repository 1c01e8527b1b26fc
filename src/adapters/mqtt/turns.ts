import type { Steps } from '../../application/broker.js';
import { type FairShare, Pace, type Sharer } from './fair-share.js';

/** When it is a connection's turn to have its packets handled. */
export class Turns implements Sharer {
  /** Whether it is the turn of others. */
  isWaiting = false;
  private readonly pace: Pace;
  /** What is left to do for the packet that was handled last. */
  private steps: Steps | undefined;

  /** @param connection Goes on when its turn has come. */
  constructor(
    private readonly share: FairShare,
    private readonly connection: Sharer,
  ) {
    this.pace = new Pace(share);
  }

  /** From now on the time is that of this connection. */
  begin(): void {
    this.pace.begin();
  }

  /** Whether a packet that may take long has to wait for the connection's next turn. */
  mustWait(): boolean {
    if (this.share.isBusy()) this.wait();
    return this.isWaiting;
  }

  /** Counts a packet against the time that the connection may take in a row. */
  handled(isCheap: boolean): void {
    if (this.pace.handled(isCheap)) this.wait();
  }

  /** Goes on with a packet that takes long, in later turns if need be. Those behind it wait until it is done. */
  goOnWith(steps: Steps): void {
    this.steps = steps;
    this.finish();
  }

  /** Does what is left to do, as far as the time of this turn goes. @returns whether nothing is left. */
  finish(): boolean {
    while (this.steps !== undefined) {
      if (this.steps.next().done === true) this.steps = undefined;
      else if (this.pace.isOver()) {
        this.wait();
        return false;
      }
    }
    return true;
  }

  continue(): void {
    this.isWaiting = false;
    this.connection.continue();
  }

  private wait(): void {
    if (!this.isWaiting) this.share.defer(this, this.pace.hadSlice);
    this.isWaiting = true;
  }
}
