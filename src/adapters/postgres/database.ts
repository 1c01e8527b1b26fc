import type { Logger } from '../../application/ports/logger.js';
import { BrokerLock } from './broker-lock.js';
import { connect, type Sql } from './connect.js';
import { type DatabaseAddress, parseDatabaseUrl } from './database-address.js';
import { EmbeddedServer } from './embedded-server.js';
import { type AppliedMigration, migrate } from './migrate.js';

/** Where the data is to be. */
export interface DatabaseOptions {
  /** Undefined runs the embedded server in `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly migrationsDir: string;
  readonly logger: Logger;
}

/** A database that is ours alone and up to date. */
export interface Database {
  readonly address: DatabaseAddress;
  readonly sql: Sql;
  /** The claim to be its one broker. */
  readonly lock: BrokerLock;
  readonly applied: readonly AppliedMigration[];
  /** The server that the broker brings along; undefined when one is configured. */
  readonly server: EmbeddedServer | undefined;
}

/** How long a start waits for a database server that is starting itself, in milliseconds. */
const CONNECT_WAIT_MS = 10_000;

/**
 * Starts the embedded server if need be, claims to be the one broker of the database, and migrates it.
 * @throws Error that says what to do; nothing is left running then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, dataDir, logger } = options;
  const server = url === undefined ? await EmbeddedServer.start({ dataDir, logger }) : undefined;
  try {
    const address = server?.address ?? parseDatabaseUrl(url ?? '');
    return { ...(await claimDatabase(address, options)), address, server };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/** Closes what `openDatabase` has opened. */
export async function closeDatabase({ sql, lock, server }: Database): Promise<void> {
  await lock.release();
  await sql.end({ timeout: 1 });
  await server?.stop();
}

async function claimDatabase(
  address: DatabaseAddress,
  { logger, migrationsDir }: DatabaseOptions,
): Promise<Pick<Database, 'sql' | 'lock' | 'applied'>> {
  const sql = await connect(address, { logger, waitMsMax: CONNECT_WAIT_MS });
  let lock: BrokerLock | undefined;
  try {
    lock = await BrokerLock.acquire(address);
    return { sql, lock, applied: await migrate(sql, migrationsDir) };
  } catch (error) {
    await lock?.release();
    await sql.end({ timeout: 1 });
    throw error;
  }
}
