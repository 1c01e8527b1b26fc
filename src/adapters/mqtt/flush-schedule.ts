/** What is flushed once a tick. */
export interface Flushable {
  /** The tick in which it was last flushed early; the schedule's to set. */
  earlyTick: number;
  flush(): void;
  /** What `flush` threw; it touches nobody else. */
  fail(error: unknown): void;
}

/** A chunk that is larger tells of load, where fewer and larger writes count for more than latency. Bytes. */
const LIGHT_CHUNK_BYTES_MAX = 4096;
/** So do more chunks than this in one tick. */
const LIGHT_TICK_CHUNKS_MAX = 8;

/**
 * Flushes whoever asked for it, once, after all that was read in this turn of the event loop is handled. While little
 * comes, after each chunk that was read: the first sender in a turn then needn't wait for the last one.
 */
export class FlushSchedule {
  private due: Flushable[] = [];
  /** How many of those due `flushEarly` has looked at. */
  private seen = 0;
  private tick = 0;
  /** Chunks that were read in this tick. */
  private chunks = 0;
  /** Whether this tick, or the one before, is one of many or large chunks. */
  private isBusy = false;
  private isScheduled = false;
  private readonly run = (): void => {
    const { due } = this;
    this.due = [];
    this.seen = 0;
    this.tick++;
    this.isBusy = this.chunks > LIGHT_TICK_CHUNKS_MAX;
    this.chunks = 0;
    this.isScheduled = false;
    for (const flushable of due) this.flush(flushable);
  };

  add(flushable: Flushable): void {
    this.schedule();
    this.due.push(flushable);
  }

  /** A chunk of this many bytes has been handled: flushes who asked since the last one, while little comes. */
  chunkHandled(bytes: number): void {
    this.schedule();
    if (bytes > LIGHT_CHUNK_BYTES_MAX) this.chunks = LIGHT_TICK_CHUNKS_MAX;
    if (++this.chunks <= LIGHT_TICK_CHUNKS_MAX && !this.isBusy) this.flushEarly();
  }

  /** Nobody is flushed early twice in a tick: who asks again waits for its end. */
  private flushEarly(): void {
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

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.run);
  }

  private flush(flushable: Flushable): void {
    try {
      flushable.flush();
    } catch (error) {
      flushable.fail(error);
    }
  }
}
