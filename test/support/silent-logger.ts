import type { Logs } from '../../src/application/ports/log-levels.js';
import type { Logger } from '../../src/application/ports/logger.js';

/** For tests that don't look at the log. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** The same for a whole broker. */
export const silentLogs: Logs = {
  component: () => silentLogger,
  levels: () => ({
    ...{ broker: 'error', connections: 'error', database: 'error' },
    ...{ audit: 'error', access: 'error', admin: 'error' },
  }),
  set: () => undefined,
};
