import { join } from 'node:path';

import { Container } from 'inversify';

import { RandomIdentifierSource } from '../adapters/auth/random-identifier-source.js';
import { SystemClock } from '../adapters/clock/system-clock.js';
import type { Config } from '../adapters/config/config.js';
import { PinoLogs } from '../adapters/log/pino-logs.js';
import { TraceFiles } from '../adapters/trace/trace-files.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logs } from '../application/ports/log-levels.js';
import { RateLimitedLog } from '../application/rate-limited-log.js';
import { Own, T } from './tokens.js';

/** Lines of one reason that clients can cause in a second. */
const MISBEHAVIOUR_LINES_MAX = 10;

/** Binds the ports that need nothing but the configuration. */
export function bindAdapters(container: Container): void {
  container.bind(T.logs).toResolvedValue(({ log }: Config) => new PinoLogs(log), [T.config]);
  container.bind(T.logger).toResolvedValue((logs: Logs) => logs.component('broker'), [T.logs]);
  container.bind(T.clock).toResolvedValue(() => new SystemClock());
  container
    .bind(T.traces)
    .toResolvedValue(
      ({ dataDir }: Config, clock: Clock, logs: Logs) =>
        new TraceFiles({ folder: join(dataDir, 'traces'), clock, logger: logs.component('connections') }),
      [T.config, T.clock, T.logs],
    );
  container.bind(T.identifiers).toResolvedValue(() => new RandomIdentifierSource());
  container
    .bind(Own.misbehaviour)
    .toResolvedValue(
      (logs: Logs, clock: Clock) =>
        new RateLimitedLog(logs.component('connections'), clock, MISBEHAVIOUR_LINES_MAX),
      [T.logs, T.clock],
    );
}
