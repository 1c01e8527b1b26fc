/** Time and recurring ticks, so that tests can turn the clock by hand. */
export interface Clock {
  /** Milliseconds since the epoch; never decreases. */
  nowMs(): number;
  /** The same as it stood early in this turn of the event loop; for what is asked for with each message. */
  turnMs(): number;
  /**
   * Calls `tick` every `intervalMs` milliseconds until the returned function is called.
   * A tick that throws is the caller's bug: guard entries inside it.
   */
  every(intervalMs: number, tick: () => void): () => void;
}
