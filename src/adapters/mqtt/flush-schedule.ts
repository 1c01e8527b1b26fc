/** What is flushed once a tick. */
export interface Flushable {
  flush(): void;
  /** What `flush` threw; it touches nobody else. */
  fail(error: unknown): void;
}

/** Flushes whoever asked for it, once, after all that was read in this turn of the event loop is handled. */
export class FlushSchedule {
  private due: Flushable[] = [];
  private readonly run = (): void => {
    const { due } = this;
    this.due = [];
    for (const flushable of due) {
      try {
        flushable.flush();
      } catch (error) {
        flushable.fail(error);
      }
    }
  };

  add(flushable: Flushable): void {
    if (this.due.length === 0) setImmediate(this.run);
    this.due.push(flushable);
  }
}
