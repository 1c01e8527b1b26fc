import type { AuditTrail } from '../ports/audit-trail.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';

export interface WatchClockParts {
  readonly trail: Pick<AuditTrail, 'record'>;
  readonly clock: Clock;
  /** What the machine's clock says now, in milliseconds since the epoch. */
  readonly machineMs: () => number;
  readonly logger: Logger;
}

/** How often the two are held against each other, in milliseconds. */
const TICK_MS = 10_000;
/** By how much they may differ from what was told last, in milliseconds. */
const STEP_MS = 1000;

/**
 * Time goes on evenly for the broker: as the machine's clock stood at its start, and what has gone by since. Where that
 * clock is set afterwards, or the machine sleeps, the trail says by how much its own times are off from then on.
 */
export class WatchClock {
  private toldMs = 0;
  private stopTicks: () => void = () => undefined;

  constructor(private readonly parts: WatchClockParts) {}

  start(): void {
    this.stopTicks = this.parts.clock.every(TICK_MS, () => this.compare());
  }

  stop(): void {
    this.stopTicks();
  }

  private compare(): void {
    const { clock, logger, machineMs, trail } = this.parts;
    const atMs = clock.nowMs();
    const machineAheadMs = Math.round(machineMs() - atMs);
    if (Math.abs(machineAheadMs - this.toldMs) < STEP_MS) return;
    this.toldMs = machineAheadMs;
    trail.record({ kind: 'clock.stepped', atMs, details: { machineAheadMs } });
    logger.warn(
      "the machine's clock was set, or the machine has slept: the broker goes on by the time that it started with",
      { machineAheadMs },
    );
  }
}
