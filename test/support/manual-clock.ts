import type { Clock } from '../../src/application/ports/clock.js';

interface Ticker {
  readonly intervalMs: number;
  readonly tick: () => void;
  dueMs: number;
}

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  private readonly tickers = new Set<Ticker>();

  constructor(private timeMs = 1_700_000_000_000) {}

  nowMs(): number {
    return this.timeMs;
  }

  turnMs(): number {
    return this.timeMs;
  }

  every(intervalMs: number, tick: () => void): () => void {
    if (!(intervalMs > 0)) throw new RangeError(`an interval of ${intervalMs} ms never ends`);
    const ticker: Ticker = { intervalMs, tick, dueMs: this.timeMs + intervalMs };
    this.tickers.add(ticker);
    return () => this.tickers.delete(ticker);
  }

  /** Moves the time on and fires what falls due on the way, in order of time; each tick sees its own due time. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time does not go ${ms} ms on`);
    const endMs = this.timeMs + ms;
    for (let next = this.nextDue(endMs); next !== undefined; next = this.nextDue(endMs)) {
      this.timeMs = next.dueMs;
      next.dueMs += next.intervalMs;
      next.tick();
    }
    this.timeMs = endMs;
  }

  /** How many recurring ticks have not been stopped: a test can tell a leak by it. */
  get tickerCount(): number {
    return this.tickers.size;
  }

  private nextDue(endMs: number): Ticker | undefined {
    let next: Ticker | undefined;
    for (const ticker of this.tickers) {
      if (ticker.dueMs <= endMs && ticker.dueMs < (next?.dueMs ?? Infinity)) next = ticker;
    }
    return next;
  }
}
