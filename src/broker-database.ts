import type { Config } from './adapters/config/config.js';
import { PinoLogs } from './adapters/log/pino-logs.js';
import type { AuditDatabaseOptions } from './adapters/postgres/audit-database.js';

/**
 * Where the database of a broker is, for commands that work beside it.
 * @param lack What there isn't without persistence. @throws Error when it is off.
 */
export function brokerDatabaseOf(
  { database, dataDir, log, persistence }: Config,
  lack: string,
): AuditDatabaseOptions {
  if (persistence === 'memory') throw new Error(`persistence is off: ${lack}`);
  // What a command does is told by its output; the log is for what goes wrong.
  return {
    url: database.url,
    dataDir,
    logger: new PinoLogs({ format: log.format, level: 'error' }).component('database'),
  };
}
