/** What is flushed once a tick. */
export interface Flushable {
  /** The tick in which it was last flushed early; the schedule's to set. */
  earlyTick: number;
  flush(): void;
  /** What `flush` threw; it touches nobody else. */
  fail(error: unknown): void;
}

/**
 * Flushes whoever asked for it, once, after all that was read in this turn of the event loop is handled;
 * on request sooner, so that the first of several readers in a turn needn't wait for the last.
 */
export class FlushSchedule {
  private due: Flushable[] = [];
  /** How many of those due `flushEarly` has looked at. */
  private seen = 0;
  private tick = 0;
  private isScheduled = false;
  private readonly run = (): void => {
    const { due } = this;
    this.due = [];
    this.seen = 0;
    this.tick++;
    this.isScheduled = false;
    for (const flushable of due) this.flush(flushable);
  };

  add(flushable: Flushable): void {
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.run);
    }
    this.due.push(flushable);
  }

  /** Flushes now who asked since the last call, unless it was flushed early in this tick already. */
  flushEarly(): void {
    const { due, tick } = this;
    const end = due.length;
    let kept = this.seen;
    for (let i = this.seen; i < end; i++) {
      const flushable = due[i] as Flushable;
      if (flushable.earlyTick === tick) {
        due[kept++] = flushable;
        continue;
      }
      flushable.earlyTick = tick;
      this.flush(flushable);
    }
    // Who asked again meanwhile waits for the end of the tick.
    for (let i = end; i < due.length; i++) due[kept++] = due[i] as Flushable;
    due.length = this.seen = kept;
  }

  private flush(flushable: Flushable): void {
    try {
      flushable.flush();
    } catch (error) {
      flushable.fail(error);
    }
  }
}
