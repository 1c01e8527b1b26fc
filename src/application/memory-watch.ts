import type { Logger } from './ports/logger.js';
import type { MemoryGauge, MemoryReading } from './ports/memory-reading.js';

/** What a connection has to know of the process's memory. */
export interface MemoryPressure {
  /** No new connection is let in. */
  readonly isFull: boolean;
  /** Those who publish are read from slowly. */
  readonly isShort: boolean;
  /** Looks at the memory again. */
  check(): void;
}

type MemoryLevel = 'normal' | 'full' | 'short';

/** Of the limit: where a level ends. Apart from where it begins, so that it doesn't come and go. */
const FULL_ENDS = 0.9;
const SHORT_BEGINS = 1.15;
const SHORT_ENDS = 1;

/**
 * Keeps the broker from using up the memory of its machine:
 *
 *   normal ──at the limit──▶ full ──15 % over it──▶ short
 *     ▲                      │  ▲                     │
 *     └──below 9/10 of it────┘  └───below the limit───┘
 *
 * While it is `full`, new connections are refused: whoever is there goes on unharmed. While it is `short`, publishers are
 * slowed too, as what they send may have to wait in memory; receivers and acknowledgements, which free it, are not.
 */
export class MemoryWatch implements MemoryPressure {
  last: MemoryReading;
  private level: MemoryLevel = 'normal';

  constructor(
    private readonly gauge: MemoryGauge,
    private readonly logger: Logger,
  ) {
    this.last = gauge.read();
  }

  get isFull(): boolean {
    return this.level !== 'normal';
  }

  get isShort(): boolean {
    return this.level === 'short';
  }

  check(): void {
    this.last = this.gauge.read();
    const level = this.next(this.last.pressure);
    if (level === this.level) return;
    this.level = level;
    const { usedBytes, limitBytes } = this.last;
    this.logger.warn(NEWS[level], { usedBytes, limitBytes });
  }

  private next(pressure: number): MemoryLevel {
    if (pressure >= SHORT_BEGINS) return 'short';
    if (this.level === 'short' && pressure >= SHORT_ENDS) return 'short';
    if (pressure >= 1) return 'full';
    return this.level !== 'normal' && pressure >= FULL_ENDS ? 'full' : 'normal';
  }
}

const NEWS: Record<MemoryLevel, string> = {
  normal: 'memory is below its limit again: all goes on as usual',
  full: 'memory is at its limit: new connections are refused',
  short: 'memory is over its limit: publishers are slowed, and new connections are refused',
};
