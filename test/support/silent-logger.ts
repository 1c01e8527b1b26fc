import type { Logger } from '../../src/application/ports/logger.js';

/** For tests that don't look at the log. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
