import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readReceivedIds } from '../../../src/adapters/postgres/journal/held-ids.js';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { BrokerLock } from '../../../src/adapters/postgres/broker-lock.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import {
  entryOf,
  deliveryOf,
  messageFor,
  owe,
  oweAll,
  readAll,
  storedSession,
} from '../../support/journal-entries.js';
import { PostgresProxy } from '../../support/postgres-proxy.js';
import { allCommitted, openPostgres } from '../../support/storage-under-test.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil, withinMs } from '../../support/wait-until.js';

let database: TestDatabase;
let proxy: PostgresProxy;
let sql: Sql;
let storage: PostgresStorage;
const a = storedSession(1);
const b = storedSession(2);

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await PostgresProxy.start(database);
  sql = openPool(database.address, { max: 1 });
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate surety.session, surety.delivery, surety.message, surety.received_ids`;
  storage = await openPostgres(proxy.url, 100_000);
});
afterEach(async () => {
  proxy.restore();
  await storage.stop(0);
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const rowsOf = async (key: number): Promise<number[]> => {
  const rows = await sql<{ sequence: string }[]>`
    select sequence from surety.delivery where session_key = ${key} order by sequence`;
  return rows.map(({ sequence }) => Number(sequence));
};
const batchNumber = async (): Promise<number> => {
  const [row] = await sql<{ batch: string }[]>`select batch from surety.journal_state`;
  return Number(row?.batch);
};
/** Why the storage had to end, as far as it has said. */
const supersessions = (): string[] => {
  const reasons: string[] = [];
  storage.onSuperseded(({ message }) => reasons.push(message));
  return reasons;
};
const terminate = (pattern: string) => sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and application_name like ${pattern}`;

describe('rows that the database refuses', () => {
  test.each([1, 2000])('are told as a failure, and are written when it takes them: %d', async (count) => {
    await sql`
      insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, topic, payload)
      values (1, 0, now(), 1, 1, false, false, 'in the way', '')`;
    for (const sequence of numbers(count)) owe(storage, a, sequence);
    await waitUntil(() => storage.health.failure !== undefined, 'the failure');
    expect(storage.health.failure).toContain('duplicate key');
    await sql`delete from surety.delivery`;
    await waitUntil(() => storage.health.failure === undefined, 'the recovery');
    await allCommitted(storage);
    expect(await rowsOf(1)).toEqual(numbers(count));
  });
});

test('commits are on disk when the server says so, whatever its default', async () => {
  await sql.unsafe(
    `alter database ${database.address.name.split('/').at(-1) ?? ''} set synchronous_commit = off`,
  );
  const lock = await BrokerLock.acquire(database.address, 0).catch((error: unknown) => error);
  expect(lock).toBeInstanceOf(Error);
  await storage.stop(0);
  const next = await BrokerLock.acquire(database.address);
  const [row] = await next.sql<{ on: string }[]>`select current_setting('synchronous_commit') as on`;
  await next.release();
  await sql.unsafe(
    `alter database ${database.address.name.split('/').at(-1) ?? ''} reset synchronous_commit`,
  );
  storage = await openPostgres(proxy.url, 100_000);
  expect(row?.on).toBe('on');
});

describe('batches', () => {
  test.each([
    ['few', 1],
    ['many', 100],
  ])(
    'of %s messages are not written behind those of another broker, which is told once',
    async (_, count) => {
      const reasons = supersessions();
      await sql`update surety.journal_state set batch = batch + 2`;
      const before = await batchNumber();
      for (const sequence of numbers(count)) owe(storage, a, sequence);
      await waitUntil(() => reasons.length > 0, 'the end');
      await storage.stop(200);
      expect(reasons).toEqual([expect.stringContaining('another broker has written')]);
      expect([await rowsOf(1), await batchNumber()]).toEqual([[], before]);
    },
  );

  test.each([1, 2])('of another broker that has come and gone end this one: %d of them', async (batches) => {
    const reasons = supersessions();
    proxy.interrupt();
    await sql`update surety.journal_state set batch = batch + ${batches}, run = gen_random_uuid()`;
    proxy.restore();
    await waitUntil(() => reasons.length > 0, 'the end');
    owe(storage, a, 0);
    await storage.stop(200);
    expect(reasons).toEqual([expect.stringContaining('another broker has written')]);
    expect(await rowsOf(1)).toEqual([]);
  });

  test('hold 1,000 rows at most, however many wait', async () => {
    const before = await batchNumber();
    let told = 0;
    for (const sequence of numbers(3500)) {
      const deliveries = [{ session: a, delivery: deliveryOf(sequence, messageFor('t', 'x')) }];
      storage.journal.append(entryOf({ deliveries, committed: () => (told += 1) }));
    }
    await withinMs(allCommitted(storage), 'the commits');
    expect(told).toBe(3500);
    expect(await batchNumber()).toBe(before + 4);
    const [row] = await sql<{ largest: number }[]>`
      select max(count)::int as largest from (select count(*) from surety.delivery group by xmin::text) t`;
    expect(row?.largest).toBe(1000);
  });

  test('of changes that had to wait behind others are measured too, from the first of them', async () => {
    const waitMs = 300;
    const commitsBefore = storage.figures().commits;
    proxy.interrupt();
    const stored = [];
    for (const round of numbers(3)) {
      for (const n of numbers(300))
        stored.push(storage.sessions.ensure(storedSession(1000 * round + n + 10)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    proxy.restore();
    await withinMs(Promise.all(stored), 'the commits');
    const { commits, gatherSeconds } = storage.figures();
    expect(commits - commitsBefore).toBeGreaterThanOrEqual(3);
    expect(gatherSeconds.counts.reduce((sum, count) => sum + count, 0)).toBe(commits);
    expect(gatherSeconds.sum).toBeGreaterThanOrEqual(((commits - commitsBefore) * waitMs) / 1000);
  });

  test('hold 16 MB of messages at most, give or take one', async () => {
    const payload = new Uint8Array(4_000_000);
    for (const sequence of numbers(10)) owe(storage, a, sequence, messageFor('t', payload));
    await withinMs(allCommitted(storage), 'the commits');
    const rows = await sql<{ megabytes: number }[]>`
      select (sum(bytes) / 1000000)::int as megabytes from surety.delivery group by xmin::text order by min(sequence)`;
    expect(rows.map(({ megabytes }) => megabytes)).toEqual([20, 20]);
  });
});

describe('the packet id of an incoming QoS 2 message', () => {
  const hold = (packetId: number): void =>
    storage.journal.append(entryOf({ received: { session: a, packetId } }));
  const heldNow = async (): Promise<number[]> => (await readReceivedIds(sql)).get(1) ?? [];

  beforeEach(async () => {
    hold(300);
    await allCommitted(storage);
  });

  test('is free in the database when that is told, whatever else still waits', async () => {
    for (const sequence of numbers(5000)) owe(storage, a, sequence);
    await new Promise<void>((done) => storage.journal.forgetReceivedId(a, 300, done));
    expect(await heldNow()).toEqual([]);
  });

  test('that is freed while its message still waits is not held by that message later, but by the next one', async () => {
    for (const sequence of numbers(3000)) owe(storage, a, sequence);
    hold(301);
    hold(302);
    for (const packetId of [301, 302]) storage.journal.forgetReceivedId(a, packetId, () => undefined);
    hold(302);
    await allCommitted(storage);
    expect(await heldNow()).toEqual([300, 302]);
  });
});

describe('a connection that is lost', () => {
  /** Has both kinds of rows written, and settled ones removed, while `disturb` goes on. */
  const workThrough = async (disturb: (round: number) => unknown): Promise<void> => {
    const settled = [];
    for (const round of numbers(40)) {
      const delivery = owe(storage, a, 2 * round);
      owe(storage, a, 2 * round + 1);
      oweAll(storage, [a, b], 1000 + round);
      await disturb(round);
      if (round % 3 === 0) await withinMs(allCommitted(storage), 'a commit');
      settled.push(delivery);
      if (round % 5 === 4) {
        for (const each of settled.splice(0)) {
          each.stage = 'settled';
          storage.journal.settle(a, each);
        }
      }
    }
    await withinMs(allCommitted(storage), 'the last commit');
    // Settling is a change beside the entries: this one is behind them all.
    await withinMs(
      new Promise<void>((done) => storage.journal.forgetReceivedId(a, 1, done)),
      'the last change',
    );
    const shared = numbers(40).map((round) => 1000 + round);
    expect(await rowsOf(1)).toEqual([...numbers(40).map((round) => 2 * round + 1), ...shared]);
    expect(await rowsOf(2)).toEqual(shared);
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from surety.message`;
    expect(row?.count).toBe(40);
    expect(storage.health.failure).toBeUndefined();
  };

  test('at any moment makes nothing be written twice, nor not at all', async () => {
    await workThrough((round) => (round % 7 === 3 ? terminate('surety (pid%') : undefined));
  });

  test('between COMMIT and its answer makes nothing be written twice, nor not at all', async () => {
    await workThrough((round) => {
      if (round % 13 === 6) proxy.cutAt = round === 19 ? 'before-commit' : 'after-commit';
    });
    expect(proxy.cuts).toBe(3);
    proxy.cuts = 0;
  });

  test('does not trouble who reads', async () => {
    for (const sequence of numbers(50)) owe(storage, a, sequence);
    await allCommitted(storage);
    const reads = numbers(6).map(async (n) => {
      if (n === 2) await terminate('surety');
      return await withinMs(readAll(storage, a), 'a read');
    });
    for (const found of await Promise.all(reads)) expect(found).toHaveLength(50);
  });

  test('is told as a failure, once, until the database is back; then all goes on', async () => {
    let failures = 0;
    storage.health.onFailure(() => (failures += 1));
    owe(storage, a, 0);
    await allCommitted(storage);
    expect(storage.health.failure).toBeUndefined();
    proxy.interrupt();
    await waitUntil(() => storage.health.failure !== undefined, 'the failure');
    let isCommitted = false;
    const delivery = deliveryOf(1, messageFor('t', 'm1'));
    const committed = (): void => void (isCommitted = true);
    storage.journal.append(entryOf({ deliveries: [{ session: a, delivery }], committed }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([isCommitted, failures]).toEqual([false, 1]);
    proxy.restore();
    await waitUntil(() => isCommitted, 'the commit');
    expect(storage.health.failure).toBeUndefined();
    expect(await rowsOf(1)).toEqual([0, 1]);
  });

  test('is noticed before anything was ever written', async () => {
    await terminate('surety (pid%');
    await waitUntil(() => storage.health.failure !== undefined, 'the failure');
    await waitUntil(() => storage.health.failure === undefined, 'the recovery');
  });

  test('and taken by another broker ends this one: it writes no more, and says so once', async () => {
    const reasons: string[] = [];
    storage.onSuperseded(({ message }) => reasons.push(message));
    owe(storage, a, 0);
    await allCommitted(storage);
    proxy.interrupt();
    const other = await BrokerLock.acquire(database.address);
    try {
      proxy.restore();
      owe(storage, a, 1);
      await waitUntil(() => reasons.length > 0, 'the end');
      expect(reasons).toEqual([expect.stringContaining('another broker is running')]);
      expect(await rowsOf(1)).toEqual([0]);
    } finally {
      await other.release();
    }
    // The way is free again, but what another broker may have changed is not ours to go on with.
    owe(storage, a, 2);
    await storage.stop(200);
    expect(await rowsOf(1)).toEqual([0]);
  });
});

describe('a stop', () => {
  test('writes what waits, and lets the next broker in', async () => {
    for (const sequence of numbers(1500)) owe(storage, a, sequence);
    await storage.stop(5000);
    expect(await rowsOf(1)).toHaveLength(1500);
    const lock = await BrokerLock.acquire(database.address, 0);
    await lock.release();
  });

  test.each([
    ['that waits for nothing', () => undefined],
    ['in the middle of gathering', () => void storage.sessions.ensure(a)],
    ['while the database is away', () => proxy.interrupt()],
  ])('%s leaves the database to the next broker', async (_, before) => {
    before();
    await withinMs(storage.stop(0), 'the stop');
    proxy.restore();
    const lock = await BrokerLock.acquire(database.address);
    // A commit that was under way would want the lock again within this time.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lock.isHeld).toBe(true);
    await lock.release();
    const next = await BrokerLock.acquire(database.address, 0);
    await next.release();
  });
});

describe('the limit of what waits', () => {
  test('is reached by messages of any kind, and told when there is room again', async () => {
    let rooms = 0;
    storage.health.onRoom(() => (rooms += 1));
    proxy.interrupt();
    const payload = new Uint8Array(30_000);
    for (const sequence of numbers(3)) owe(storage, a, sequence, messageFor('t', payload));
    expect(storage.health.isFull).toBe(false);
    owe(storage, a, 3, messageFor('t', payload));
    expect([storage.health.isFull, rooms]).toEqual([true, 0]);
    expect(storage.figures().pendingBytes).toBe(4 * 30_001);
    proxy.restore();
    await waitUntil(() => rooms > 0, 'room');
    expect([storage.health.isFull, rooms, storage.figures().pendingBytes]).toEqual([false, 1, 0]);
  });

  test('is told again when receivers have acknowledged what waited', async () => {
    let rooms = 0;
    storage.health.onRoom(() => (rooms += 1));
    proxy.interrupt();
    await waitUntil(() => storage.health.failure !== undefined, 'the failure');
    const payload = new Uint8Array(10_000);
    const deliveries = numbers(15).map((sequence) => owe(storage, a, sequence, messageFor('t', payload)));
    expect(storage.health.isFull).toBe(true);
    for (const delivery of deliveries) {
      delivery.stage = 'settled';
      storage.journal.settle(a, delivery);
    }
    expect([storage.health.isFull, rooms]).toEqual([false, 1]);
  });
});
