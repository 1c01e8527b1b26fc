/** Whoever may have to wait for its next slice of time. */
export interface Sharer {
  /** Its turn has come: it goes on with what it had left, in a slice of its own. */
  continue(): void;
}

/** How long the packets of one connection may take in a row, in milliseconds. */
const SLICE_MS = 2;
/** How long packets may take, of all connections, before the sockets are looked at again, in milliseconds. */
const TURN_MS = 6;

/**
 * Shares the one thread fairly: a connection whose packets have taken their slice goes on in a later turn of the
 * event loop, behind the others that wait. However much some clients ask for, one that asks for little is answered
 * within a turn or two.
 *
 * Time counts from the first look at the clock, so that the few packets of a quiet client cost none at all.
 */
export class FairShare {
  private waiting: Sharer[] = [];
  private turnEndsMs: number | undefined;
  private sliceEndsMs: number | undefined;
  private isScheduled = false;

  /** @param nowMs Milliseconds from any moment on. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Whether the clock was looked at in this slice: before that its time doesn't count. */
  get hasBegun(): boolean {
    return this.sliceEndsMs !== undefined;
  }

  /** From now on the time is that of another connection. */
  beginSlice(): void {
    this.sliceEndsMs = undefined;
  }

  /** Whether the time of this slice is up, or that of all in this turn. */
  isOver(): boolean {
    const nowMs = this.nowMs();
    this.sliceEndsMs ??= Math.min(nowMs + SLICE_MS, this.turnEnd(nowMs));
    return nowMs >= this.sliceEndsMs;
  }

  /** Whether the time of all in this turn is up: what may take long has to wait then, even if it is the first of its connection. */
  isTurnOver(): boolean {
    const nowMs = this.nowMs();
    return nowMs >= this.turnEnd(nowMs);
  }

  /** Has it go on when its turn has come, behind all that wait already. */
  defer(sharer: Sharer): void {
    this.waiting.push(sharer);
    this.schedule();
  }

  private turnEnd(nowMs: number): number {
    if (this.turnEndsMs === undefined) {
      this.turnEndsMs = nowMs + TURN_MS;
      this.schedule();
    }
    return this.turnEndsMs;
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.runTurn());
  }

  /** Lets those who wait go on, each once, until the time of the turn is up. */
  private runTurn(): void {
    this.isScheduled = false;
    const { waiting } = this;
    this.turnEndsMs = undefined;
    if (waiting.length === 0) return;
    const turnEndsMs = (this.turnEndsMs = this.nowMs() + TURN_MS);
    this.waiting = [];
    let served = 0;
    do {
      this.beginSlice();
      (waiting[served++] as Sharer).continue();
    } while (served < waiting.length && this.nowMs() < turnEndsMs);
    if (served < waiting.length) this.waiting = waiting.slice(served).concat(this.waiting);
    // What is read now is of the next turn.
    this.turnEndsMs = undefined;
    if (this.waiting.length > 0) this.schedule();
  }
}

/** Packets between two looks at the clock, at most. */
const PACKETS_MAX = 16;

/** Looks at the clock for one connection: now and then while its packets are cheap, after each one if they are not. */
export class Pace {
  private interval = PACKETS_MAX;
  private left = PACKETS_MAX;

  constructor(private readonly share: FairShare) {}

  /** @param isCheap False for a packet that may take long by itself. @returns whether others have to have their turn. */
  handled(isCheap: boolean): boolean {
    if (isCheap && --this.left > 0) return false;
    const { hasBegun } = this.share;
    const isOver = this.share.isOver();
    if (isOver) this.interval = Math.max(1, this.interval >> 1);
    // The first look only starts the time: it doesn't tell how long packets take.
    else if (hasBegun) this.interval = Math.min(PACKETS_MAX, this.interval << 1);
    this.left = this.interval;
    return isOver;
  }
}
