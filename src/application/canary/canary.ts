import { FixedHistogram, WAIT_SECONDS } from '../../domain/fixed-histogram.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { type RoundTrip, type RoundTripOutcome, type RoundTripStep } from '../ports/round-trip.js';

/** A journey that takes longer has failed. Milliseconds. */
const ROUND_MS_MAX = 10_000;

/** What `Canary` works with. */
export interface CanaryParts {
  readonly roundTrip: RoundTrip;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Looked at when it starts. */
  readonly settings: { readonly enabled: boolean; readonly everySeconds: number };
}

/** Tries the broker as a client would, again and again, and keeps count. The log is told of changes alone. */
export class Canary {
  /** What successful rounds took. */
  readonly seconds = new FixedHistogram(WAIT_SECONDS);
  readonly failures: Record<RoundTripStep, number> = {
    open: 0,
    connect: 0,
    subscribe: 0,
    publish: 0,
    receive: 0,
  };
  private isStarted = false;
  private stopTicks: (() => void) | undefined;
  private isUnderWay = false;
  private isFailing = false;

  constructor(private readonly parts: CanaryParts) {}

  /** Makes the first round now, and from now on one at every interval, unless it is switched off. */
  start(): void {
    this.isStarted = true;
    if (!this.parts.settings.enabled) return;
    this.stopTicks = this.parts.clock.every(this.intervalMs, () => void this.round());
    void this.round();
  }

  /** What is under way then is let go. */
  stop(): void {
    this.stopTicks?.();
    this.stopTicks = undefined;
    this.isStarted = false;
  }

  /** Its settings were made anew. */
  settingsChanged(): void {
    if (!this.isStarted) return;
    this.stop();
    this.start();
  }

  private get intervalMs(): number {
    return this.parts.settings.everySeconds * 1000;
  }

  private async round(): Promise<void> {
    if (this.isUnderWay) return;
    this.isUnderWay = true;
    const outcome = await this.parts.roundTrip.run(Math.min(ROUND_MS_MAX, this.intervalMs));
    this.isUnderWay = false;
    if (this.stopTicks !== undefined) this.note(outcome);
  }

  private note(outcome: RoundTripOutcome): void {
    const { logger } = this.parts;
    const hasFailed = 'failedAt' in outcome;
    if (hasFailed) this.failures[outcome.failedAt]++;
    else this.seconds.observe(outcome.seconds);
    if (hasFailed && !this.isFailing)
      logger.error('the canary fails: a message through the broker did not come back', {
        step: outcome.failedAt,
        reason: outcome.reason,
      });
    if (!hasFailed && this.isFailing) logger.warn('the canary is well again');
    this.isFailing = hasFailed;
  }
}
