import type { Counters } from '../counters.js';

/** Counts the messages that a session's full queue has let go. */
export class Overflow<S> {
  private untold = 0;

  /** @param began Called, with the session, when the count leaves zero. */
  constructor(
    private readonly session: S,
    private readonly counters: Counters,
    private readonly began: ((session: S) => void) | undefined,
  ) {}

  add(messages: number): void {
    this.counters.dropped.queue_full += messages;
    const before = this.untold;
    this.untold += messages;
    if (before <= 0 && this.untold > 0) this.began?.(this.session);
  }

  /** What was counted since the last call. A correction downwards can leave the count below zero: it is made up for later. */
  take(): number {
    const count = Math.max(0, this.untold);
    this.untold -= count;
    return count;
  }
}
