import { Container } from 'inversify';

import { RandomIdentifierSource } from '../adapters/auth/random-identifier-source.js';
import { SystemClock } from '../adapters/clock/system-clock.js';
import type { Config } from '../adapters/config/config.js';
import { PinoLogger } from '../adapters/log/pino-logger.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import { RateLimitedLog } from '../application/rate-limited-log.js';
import { Own, T } from './tokens.js';

/** Lines of one reason that clients can cause in a second. */
const MISBEHAVIOUR_LINES_MAX = 10;

/** Binds the ports that need nothing but the configuration. */
export function bindAdapters(container: Container): void {
  container.bind(T.logger).toResolvedValue((config: Config) => new PinoLogger(config.log), [T.config]);
  container.bind(T.clock).toResolvedValue(() => new SystemClock());
  container.bind(T.identifiers).toResolvedValue(() => new RandomIdentifierSource());
  container
    .bind(Own.misbehaviour)
    .toResolvedValue(
      (logger: Logger, clock: Clock) => new RateLimitedLog(logger, clock, MISBEHAVIOUR_LINES_MAX),
      [T.logger, T.clock],
    );
}
