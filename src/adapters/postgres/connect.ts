import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import type { Logger } from '../../application/ports/logger.js';
import { ARRAY_TYPES } from './array-types.js';
import { connectionFailure, isPassing } from './connection-failure.js';
import type { DatabaseAddress } from './database-address.js';
import { socketFactory } from './database-socket.js';
import { StartFailure } from './start-failure.js';

/** The driver: a pool of connections to one database. */
export type Sql = postgres.Sql;

/** How to connect; see `connect`. */
export interface ConnectOptions {
  readonly logger: Logger;
  /** Connections that the pool may open. */
  readonly connectionsMax?: number;
  /** Milliseconds to go on trying while the server can't be reached or is starting up; 0 to try once. */
  readonly waitMsMax?: number;
}

const retryMs = 250;
const connectSecondsMax = 10;

/** PostgreSQL 14, in the form of `server_version_num`. */
const versionMin = 140_000;

/**
 * Opens a pool and makes sure that the server is fit to be a journal: of a version we know, writable, in UTF-8, and
 * with commits that are on disk when it says so.
 * @throws StartFailure with what to do about it; the pool is closed then.
 */
export async function connect(address: DatabaseAddress, options: ConnectOptions): Promise<Sql> {
  const deadline = performance.now() + (options.waitMsMax ?? 0);
  for (;;) {
    try {
      return await connectOnce(address, options);
    } catch (error) {
      const failure = connectionFailure(error, address);
      if (!isPassing(failure) || performance.now() >= deadline) throw failure;
      options.logger.debug('the database is not there yet', { reason: failure.message });
      await delay(retryMs);
    }
  }
}

/**
 * A pool that has not connected yet: it does so on first use, and again whenever a connection is lost.
 * With several hosts the driver makes its own sockets, as it must try one after the other.
 */
export function openPool(address: DatabaseAddress, over: postgres.Options<Record<string, never>>): Sql {
  const options: postgres.Options<Record<string, never>> = {
    connect_timeout: connectSecondsMax,
    // The driver would print each notice to stdout.
    onnotice: () => undefined,
    fetch_types: false,
    // They add nothing to the pool's own functions, which its type is about.
    types: ARRAY_TYPES as never,
    ...(hasOneHost(address) ? { socket: socketFactory() } : {}),
    ...address.options,
    ...over,
    connection: { application_name: 'surety', ...over.connection },
  };
  return reservable(address.url === undefined ? postgres(options) : postgres(address.url, options));
}

/** Without the question for types, the driver never hands out a connection that is made for `reserve`: one is made before. */
function reservable(sql: Sql): Sql {
  const reserve = sql.reserve.bind(sql);
  sql.reserve = async () => {
    await sql`select 1`;
    return reserve();
  };
  return sql;
}

function hasOneHost(address: DatabaseAddress): boolean {
  return !address.name.includes(',');
}

interface ServerTraits {
  readonly version: number;
  readonly versionName: string;
  readonly isStandby: boolean;
  readonly encoding: string;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
}

async function connectOnce(address: DatabaseAddress, options: ConnectOptions): Promise<Sql> {
  const max = options.connectionsMax ?? 4;
  const sql = openPool(address, { max });
  try {
    const traits = await readTraits(sql);
    requireFit(traits, address);
    if (traits.fsync === 'off' || traits.fullPageWrites === 'off') {
      options.logger.warn(
        'the database server may lose commits in a power cut: set fsync and full_page_writes to on',
      );
    }
    if (traits.synchronousCommit !== 'off') return sql;
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  // The server would report commits before they are on disk. Ours to say for our own sessions.
  await sql.end();
  return openPool(address, { max, connection: { synchronous_commit: 'on' } });
}

async function readTraits(sql: Sql): Promise<ServerTraits> {
  const [traits] = await sql<ServerTraits[]>`
    select current_setting('server_version_num')::int as version,
           current_setting('server_version') as "versionName",
           pg_is_in_recovery() as "isStandby",
           current_setting('server_encoding') as encoding,
           current_setting('fsync') as fsync,
           current_setting('full_page_writes') as "fullPageWrites",
           current_setting('synchronous_commit') as "synchronousCommit"`;
  if (traits === undefined)
    throw new StartFailure('database-unsuitable', 'the database does not tell its settings');
  return traits;
}

function requireFit(traits: ServerTraits, address: DatabaseAddress): void {
  const fault = faultOf(traits);
  if (fault !== undefined) {
    throw new StartFailure('database-unsuitable', `the database at ${address.name} can't be used: ${fault}`);
  }
}

/** What makes the server unfit for a journal, with what to do about it; undefined if nothing does. */
export function faultOf(
  traits: Pick<ServerTraits, 'version' | 'versionName' | 'isStandby' | 'encoding'>,
): string | undefined {
  if (traits.version < versionMin)
    return `it is PostgreSQL ${traits.versionName}, and 14 is the oldest supported: upgrade it`;
  if (traits.isStandby)
    return 'it is a standby, which can only be read: use the primary, or several hosts with target_session_attrs=read-write';
  if (traits.encoding !== 'UTF8')
    return `its encoding is ${traits.encoding}: create the database with ENCODING 'UTF8' TEMPLATE template0`;
  return undefined;
}
