import type { MetricsServer } from './adapters/prometheus/metrics-server.js';
import type { Canary } from './application/canary/canary.js';
import type { Clock } from './application/ports/clock.js';
import type { SysTopics } from './application/sys-topics/sys-topics.js';
import type { ReplaceableServer } from './replaceable-server.js';
import type { SessionTotals } from './domain/session/session-totals.js';

/** What watches a broker. */
export interface MonitoringParts {
  readonly metrics: ReplaceableServer<MetricsServer>;
  readonly canary: Canary;
  readonly sysTopics: SysTopics;
  readonly totals: SessionTotals;
  readonly readiness: Readiness;
  readonly clock: Clock;
}

/** How often queues are looked at for their age, in milliseconds. */
const AGES_INTERVAL_MS = 1000;

/** Whether clients should be sent to this broker. */
export class Readiness {
  private phase: 'starting' | 'serving' | 'stopping' = 'starting';

  /** @param failure Why the store takes no changes at the moment; undefined when it does. */
  constructor(private readonly failure: () => string | undefined) {}

  enter(phase: 'serving' | 'stopping'): void {
    this.phase = phase;
  }

  /** Why not; undefined if they should. */
  reason(): string | undefined {
    if (this.phase === 'starting') return 'starting: the state of the last run is being restored';
    if (this.phase === 'stopping') return 'stopping';
    const failure = this.failure();
    return failure === undefined ? undefined : `durable changes wait for the database: ${failure}`;
  }
}

/** Metrics, health and `$SYS`: starts and stops what watches the broker, as the broker starts and stops. */
export class Monitoring {
  private stopAges: (() => void) | undefined;

  constructor(private readonly parts: MonitoringParts) {}

  /** Where metrics are served; undefined where they aren't. */
  get metricsPort(): number | undefined {
    return this.parts.metrics.current?.port;
  }

  /** Before anything else, so that it can be seen that the broker is starting. @throws Error that says what to do. */
  async start(): Promise<void> {
    const { clock, metrics, totals } = this.parts;
    this.stopAges = clock.every(AGES_INTERVAL_MS, () => totals.lookAtAges(clock.nowMs()));
    await metrics.start();
  }

  /** Clients are let in from now on. */
  serving(): void {
    const { canary, readiness, sysTopics } = this.parts;
    readiness.enter('serving');
    sysTopics.start();
    canary.start();
  }

  /** No client is let in any more. */
  stopping(): void {
    const { canary, readiness, sysTopics } = this.parts;
    readiness.enter('stopping');
    sysTopics.stop();
    canary.stop();
  }

  /** Behind all else. */
  async stop(): Promise<void> {
    this.stopAges?.();
    await this.parts.metrics.stop();
  }
}
