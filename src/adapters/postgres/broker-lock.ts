import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { openPool, type Sql } from './connect.js';
import { connectionFailure } from './connection-failure.js';
import type { DatabaseAddress } from './database-address.js';
import { StartFailure } from './start-failure.js';

/** The advisory lock that the one broker of a database holds; the letters SURETY and a 1, as a 64-bit number. */
export const brokerLockKey = 0x5355_5245_5459_0001n;

/** Who holds the lock, as far as the server lets us see. */
export interface LockHolder {
  /** The server's own process for that session. */
  readonly backendPid: number;
  /** For people: names the broker's process and host. */
  readonly description: string;
}

/** A broker that was just killed holds its lock until the server notices, which takes it some milliseconds. */
const waitMsMaxDefault = 2000;
const pollMs = 50;

/**
 * The claim to be the only broker on a database: a session-level advisory lock on a connection of its own. It ends
 * with the connection, so a broker that died can't bar the next, and a broker that lost its connection must claim anew
 * before it writes.
 *
 * States: held → lost (the connection ended) or released (by us). Neither is left again: acquire another.
 */
export class BrokerLock {
  private state: 'held' | 'lost' | 'released' = 'held';
  private readonly lostListeners: (() => void)[] = [];

  private constructor(private readonly connection: Sql) {}

  /**
   * Takes the lock, or tells who has it.
   * @param waitMsMax Milliseconds to wait for a holder that is about to go.
   * @throws StartFailure `another-broker`, or what `connect` throws where the server can't be reached.
   */
  static async acquire(address: DatabaseAddress, waitMsMax = waitMsMaxDefault): Promise<BrokerLock> {
    // The first connection that closes tells; the driver would open another, which would hold nothing.
    let onClose = (): void => undefined;
    const connection = openPool(address, { ...lockSession, onclose: () => onClose() });
    try {
      await takeLock(connection, address, waitMsMax);
    } catch (error) {
      await connection.end({ timeout: 1 });
      throw connectionFailure(error, address);
    }
    const lock = new BrokerLock(connection);
    onClose = () => lock.lose();
    return lock;
  }

  /** Whether the claim still stands, as far as we have heard. */
  get isHeld(): boolean {
    return this.state === 'held';
  }

  /** The connection that carries the claim: what is written by it is written by the one broker. */
  get sql(): Sql {
    return this.connection;
  }

  /** Calls the listener once, when the connection that carries the lock has ended without our doing. */
  onLost(listener: () => void): void {
    this.lostListeners.push(listener);
  }

  /** Gives the lock back. Safe to call after it was lost. */
  async release(): Promise<void> {
    if (this.state === 'held') this.state = 'released';
    await this.connection.end({ timeout: 1 });
  }

  private lose(): void {
    if (this.state !== 'held') return;
    this.state = 'lost';
    for (const listener of this.lostListeners) listener();
  }
}

/** The session that holds the lock, or undefined where nobody does. Asks in the database of `sql`. */
export async function findLockHolder(sql: Sql): Promise<LockHolder | undefined> {
  const [row] = await sql<{ pid: number; name: string | null; address: string | null }[]>`
    select l.pid, a.application_name as name, a.client_addr::text as address
    from pg_locks l left join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and ((l.classid::bigint << 32) | l.objid::bigint) = ${String(brokerLockKey)}::bigint
    limit 1`;
  if (row === undefined) return undefined;
  const from = row.address === null ? '' : ` from ${row.address}`;
  return {
    backendPid: row.pid,
    description: `${row.name ?? 'a session we may not see'}${from}, database session ${row.pid}`,
  };
}

/** The failure that the second broker ends with. */
export function anotherBroker(holder: LockHolder | undefined, where: string): StartFailure {
  return new StartFailure(
    'another-broker',
    `another broker is running on ${where}: ${holder?.description ?? 'it has just let go, so try again'}. ` +
      'Two brokers cannot share one database: stop the other, or give this one a database of its own',
  );
}

const lockSession = {
  max: 1,
  // One connection, for good: the driver must not end it to save or to refresh it.
  idle_timeout: 0,
  max_lifetime: null,
  keep_alive: 10,
  connection: { application_name: sessionName() },
};

/** Set by a query: some poolers between us and the server refuse them at the start of a connection. */
const sessionSettings =
  'set idle_session_timeout = 0; ' +
  // What is written here is acknowledged; a stricter setting of the server's is left as it is.
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'; " +
  // Without these a broker whose host vanished would hold the lock for hours.
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

async function takeLock(connection: Sql, address: DatabaseAddress, waitMsMax: number): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  await connection.unsafe(sessionSettings);
  for (;;) {
    const [row] = await connection<{ isOurs: boolean }[]>`
      select pg_try_advisory_lock(${String(brokerLockKey)}::bigint) as "isOurs"`;
    if (row?.isOurs === true) return;
    if (performance.now() >= deadline) {
      throw anotherBroker(await findLockHolder(connection), `the database ${address.name}`);
    }
    await delay(pollMs);
  }
}

/** PostgreSQL keeps 63 bytes of the name, in ASCII. */
function sessionName(): string {
  return `surety (pid ${process.pid} on ${hostname()})`.replace(/[^\x20-\x7e]/g, '?').slice(0, 63);
}
