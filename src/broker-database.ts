import { userInfo } from 'node:os';

import type { Config } from './adapters/config/config.js';
import { PinoLogs } from './adapters/log/pino-logs.js';
import { type AuditDatabaseOptions, openAuditDatabase } from './adapters/postgres/audit-database.js';
import type { Sql } from './adapters/postgres/connect.js';

/** What PostgreSQL answers where a table, or a column of one, isn't there. */
const UNDEFINED: ReadonlySet<unknown> = new Set(['42P01', '42703']);

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

/**
 * Opens the database of a broker for a command, and closes it behind the command.
 * @param lack What there isn't without persistence.
 * @throws Error that says what to do, also where the database is older than the command.
 */
export async function withBrokerDatabase<T>(
  config: Config,
  lack: string,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const database = await openAuditDatabase(brokerDatabaseOf(config, lack));
  try {
    return await work(database.sql);
  } catch (error) {
    if (!UNDEFINED.has((error as { readonly code?: unknown }).code)) throw error;
    throw new Error('the database is of an older version: run "surety migrate", or start the broker', {
      cause: error,
    });
  } finally {
    await database.close();
  }
}

/** Who gives a command. A container's user may have no name. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
