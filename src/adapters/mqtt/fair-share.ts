/** Whoever may have to wait for its next slice of time. */
export interface Sharer {
  /** Its turn has come: it goes on with what it had left, in a slice of its own. */
  continue(): void;
}

/** How long the packets of one connection may take in a row, in milliseconds. */
const SLICE_MS = 2;
/** How long packets may take, of all connections, before the sockets are looked at again, in milliseconds. */
const TURN_MS = 6;

/** What there is left to work with: time; none in this slice; or none in this turn of all. */
export type TimeLeft = 'some' | 'no-slice' | 'no-turn';

/**
 * Shares the one thread fairly: a connection whose packets have taken their slice goes on in a later turn of the
 * event loop, behind the others that wait. However much some clients ask for, one that asks for little is answered
 * within a turn or two: it goes before those that have used up a slice of their own.
 *
 * Time counts from the first look at the clock, so that the few packets of a quiet client cost none at all.
 */
export class FairShare {
  /** Those that haven't had a slice, in the order in which they came. */
  private light: Sharer[] = [];
  private heavy: Sharer[] = [];
  private turnEndsMs: number | undefined;
  private sliceEndsMs: number | undefined;
  private isScheduled = false;
  /** Whether those who waited go on now. */
  private isServing = false;

  /** @param nowMs Milliseconds from any moment on. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** From now on the time is that of another connection. Whoever goes on begins a slice of its own. */
  beginSlice(): void {
    this.sliceEndsMs = undefined;
  }

  /** A look at the clock: the first one of a slice starts its time. */
  timeLeft(): TimeLeft {
    const nowMs = this.nowMs();
    this.sliceEndsMs ??= nowMs + SLICE_MS;
    if (nowMs >= this.sliceEndsMs) return 'no-slice';
    return nowMs >= this.turnEnd(nowMs) ? 'no-turn' : 'some';
  }

  /**
   * Whether others wait already, or the time of all in this turn is up: what may take long has to wait then, even if
   * it is the first of its connection.
   */
  isBusy(): boolean {
    if (!this.isServing && this.light.length + this.heavy.length > 0) return true;
    const nowMs = this.nowMs();
    return nowMs >= this.turnEnd(nowMs);
  }

  /** Has it go on when its turn has come. @param hadSlice Whether it has used up a slice: all that haven't go before it. */
  defer(sharer: Sharer, hadSlice: boolean): void {
    (hadSlice ? this.heavy : this.light).push(sharer);
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

  /** Lets those who wait go on, each once, until the time of the turn is up; one that had its slice at least. */
  private runTurn(): void {
    this.isScheduled = false;
    const { light, heavy } = this;
    this.turnEndsMs = undefined;
    if (light.length + heavy.length === 0) return;
    this.turnEndsMs = this.nowMs() + TURN_MS;
    this.light = [];
    this.heavy = [];
    this.isServing = true;
    this.light = this.serve(light, this.turnEndsMs).concat(this.light);
    this.heavy = this.serve(heavy, this.turnEndsMs).concat(this.heavy);
    this.isServing = false;
    // What is read now is of the next turn.
    this.turnEndsMs = undefined;
    if (this.light.length + this.heavy.length > 0) this.schedule();
  }

  /** Serves one at least. @returns those that have to wait for another turn. */
  private serve(waiting: readonly Sharer[], turnEndsMs: number): Sharer[] {
    let served = 0;
    while (served < waiting.length) {
      (waiting[served++] as Sharer).continue();
      if (this.nowMs() >= turnEndsMs) break;
    }
    return waiting.slice(served);
  }
}

/** Packets between two looks at the clock, at most. */
const PACKETS_MAX = 16;

/** Looks at the clock for one connection: now and then while its packets are cheap, after each one if they are not. */
export class Pace {
  private interval = PACKETS_MAX;
  private left = PACKETS_MAX;
  private usedUpLast = false;
  private usedUpThis = false;

  constructor(private readonly share: FairShare) {}

  /** Whether it used up a slice lately. */
  get hadSlice(): boolean {
    return this.usedUpLast || this.usedUpThis;
  }

  /** A slice of this connection begins. Where packets take long, the first one counts too. */
  begin(): void {
    this.usedUpLast = this.usedUpThis;
    this.usedUpThis = false;
    this.share.beginSlice();
    if (this.usedUpLast || this.interval < PACKETS_MAX) this.share.timeLeft();
  }

  /** @param isCheap False for a packet that may take long by itself. @returns whether others have to have their turn. */
  handled(isCheap: boolean): boolean {
    if (isCheap && --this.left > 0) return false;
    return this.isOver();
  }

  /** Whether others have to have their turn, by the clock. */
  isOver(): boolean {
    const left = this.share.timeLeft();
    if (left === 'no-slice') {
      this.usedUpThis = true;
      this.interval = Math.max(1, this.interval >> 1);
    } else {
      this.interval = Math.min(PACKETS_MAX, this.interval << 1);
    }
    this.left = this.interval;
    return left !== 'some';
  }
}
