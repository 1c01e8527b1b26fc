import type { Clock } from './ports/clock.js';
import type { LogFields, Logger } from './ports/logger.js';
import type { MisbehaviourLog } from './ports/misbehaviour-log.js';

const SECOND_MS = 1000;

/**
 * Lets through so many lines a second of each reason, then says in one line how many it left out.
 * Seconds are those of its own tick, so that state lives for a second at most.
 */
export class RateLimitedLog implements MisbehaviourLog {
  private readonly seen = new Map<string, number>();
  private readonly stopTicks: () => void;

  /** @param linesPerSecondMax Lines of one reason that are written in one second. */
  constructor(
    private readonly logger: Logger,
    clock: Clock,
    private readonly linesPerSecondMax: number,
  ) {
    this.stopTicks = clock.every(SECOND_MS, () => this.beginSecond());
  }

  report(reason: string, message: string, fields?: LogFields): void {
    const count = (this.seen.get(reason) ?? 0) + 1;
    this.seen.set(reason, count);
    if (count <= this.linesPerSecondMax) this.logger.info(message, { reason, ...fields });
  }

  /** Stops the ticks, once what was left out so far has been told. */
  close(): void {
    this.stopTicks();
    this.beginSecond();
  }

  private beginSecond(): void {
    for (const [reason, count] of this.seen) {
      const leftOut = count - this.linesPerSecondMax;
      if (leftOut > 0) this.logger.info('further lines of this reason were left out', { reason, leftOut });
    }
    this.seen.clear();
  }
}
