import assert from 'node:assert';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../application/ports/clock.js';

/** Past this Node.js takes a timer's wait for 1 ms. */
const INTERVAL_MS_MAX = 2 ** 31 - 1;

/**
 * The time of this machine: the wall clock as it stood when the process started, and what has gone by since.
 * A step of the wall clock in either direction therefore ends no client's keep alive early, or late;
 * it is seen after the next start.
 */
export class SystemClock implements Clock {
  private timeOfTurnMs: number | undefined;
  private readonly endTurn = (): void => {
    this.timeOfTurnMs = undefined;
  };

  nowMs(): number {
    return Math.trunc(performance.timeOrigin + performance.now());
  }

  turnMs(): number {
    if (this.timeOfTurnMs === undefined) {
      this.timeOfTurnMs = this.nowMs();
      setImmediate(this.endTurn);
    }
    return this.timeOfTurnMs;
  }

  /** Its timers don't keep the process alive: the broker's sockets do, and when they are gone it may end. */
  every(intervalMs: number, tick: () => void): () => void {
    assert(
      intervalMs >= 1 && intervalMs <= INTERVAL_MS_MAX,
      `no timer takes an interval of ${intervalMs} ms`,
    );
    const timer = setInterval(tick, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  }
}
