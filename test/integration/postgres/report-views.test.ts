import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { parseDatabaseUrl } from '../../../src/adapters/postgres/database-address.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import {
  entryOf,
  messageFor,
  owe,
  owedTo,
  oweAll,
  retain,
  storedSession,
  subscriptionOf,
} from '../../support/journal-entries.js';
import { allCommitted, openPostgres } from '../../support/storage-under-test.js';
import {
  hasPostgres15,
  postgres15,
  startSystemPostgres,
  type SystemPostgres,
} from '../../support/system-postgres.js';
import { createTestDatabase } from '../../support/test-database.js';

interface EmptyDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

const failure = async (query: PromiseLike<unknown>): Promise<string> => {
  try {
    await query;
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

/** What an operator finds in the database of a broker that has run; from an empty database on. */
const describeReports = (name: string, version: RegExp, create: () => Promise<EmptyDatabase>): void => {
  describe(name, () => {
    let database: EmptyDatabase;
    let storage: PostgresStorage;
    let sql: Sql;
    const a = storedSession(1, 'sensor/ä');
    const b = storedSession(2, 'b');

    beforeAll(async () => {
      database = await create();
      storage = await openPostgres(database.url);
      sql = openPool(parseDatabaseUrl(database.url), { max: 1 });
      for (const session of [a, b]) void storage.sessions.ensure(session);
      void storage.sessions.subscribe(a, [subscriptionOf(a, 'x/+', 1), subscriptionOf(a, 'y', 2)]);
      b.detach(1_700_000_000_000);
      storage.sessions.leave(b);
      owe(storage, b, 0, messageFor('t', 'four'));
      oweAll(storage, [a, b], 1, messageFor('t', '1234567'));
      storage.journal.append(entryOf({ retained: retain('state', 'on', 1, 1_700_000_000_000) }));
      await allCommitted(storage);
    }, 60_000);
    afterAll(async () => {
      await sql.end();
      await storage.stop(0);
      await database.drop();
    });

    test('is the server that is meant', async () => {
      const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`;
      expect(row?.version).toMatch(version);
    });

    test('shows sessions with their presence and the number of their subscriptions', async () => {
      const rows = await sql`
        select client_id, connected, disconnected_at, subscriptions::int, created_at > now() - interval '100 years' as made
        from surety_report.sessions order by client_id`;
      expect([...rows]).toEqual([
        {
          client_id: 'b',
          connected: false,
          disconnected_at: new Date(1_700_000_000_000),
          subscriptions: 0,
          made: true,
        },
        { client_id: 'sensor/ä', connected: true, disconnected_at: null, subscriptions: 2, made: true },
      ]);
    });

    test('shows subscriptions by client id', async () => {
      const rows = await sql`select client_id, filter, qos from surety_report.subscriptions order by filter`;
      expect([...rows]).toEqual([
        { client_id: 'sensor/ä', filter: 'x/+', qos: 1 },
        { client_id: 'sensor/ä', filter: 'y', qos: 2 },
      ]);
    });

    test('shows what waits for each client, its bytes and its age', async () => {
      const rows = await sql`
        select client_id, messages::int, bytes::int, oldest_age_seconds between 0 and 60 as fresh
        from surety_report.queues order by client_id`;
      expect([...rows]).toEqual([
        { client_id: 'b', messages: 2, bytes: 5 + 8, fresh: true },
        { client_id: 'sensor/ä', messages: 1, bytes: 8, fresh: true },
      ]);
    });

    test('shows retained messages with their payload', async () => {
      const rows = await sql`
        select topic, qos, payload_bytes, convert_from(payload, 'UTF8') as payload, published_at
        from surety_report.retained_messages`;
      expect([...rows]).toEqual([
        {
          topic: 'state',
          qos: 1,
          payload_bytes: 2,
          payload: 'on',
          published_at: new Date(1_700_000_000_000),
        },
      ]);
    });

    test('lets surety_reader read the views, and neither the tables nor write anything', async () => {
      const tables = await sql<{ name: string }[]>`
        select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'surety' or tablename = 'surety_migration' order by 1`;
      expect(tables.length).toBeGreaterThanOrEqual(8);
      const views = ['sessions', 'subscriptions', 'queues', 'retained_messages'];
      const reserved = await sql.reserve();
      try {
        await reserved`set role surety_reader`;
        for (const view of views) {
          const rows = await reserved.unsafe(`select * from surety_report.${view}`);
          expect([view, rows.length > 0]).toEqual([view, true]);
        }
        for (const { name } of tables) {
          expect(await failure(reserved.unsafe(`select * from ${name}`))).toContain('permission denied');
          expect(await failure(reserved.unsafe(`delete from ${name}`))).toContain('permission denied');
        }
        expect(await failure(reserved.unsafe('delete from surety_report.retained_messages'))).toContain(
          'permission denied',
        );
      } finally {
        await reserved`reset role`;
        reserved.release();
      }
    });

    test('after the broker was cut off shows nobody as connected once it is started again', async () => {
      await storage.stop(0);
      storage = await openPostgres(database.url);
      for await (const page of storage.source.sessions()) expect(page).toHaveLength(2);
      const [row] = await sql<{ connected: number }[]>`
        select count(*)::int as connected from surety_report.sessions where connected`;
      expect(row?.connected).toBe(0);
      expect(await owedTo(storage, b)).toEqual(['0:four', '1:1234567']);
    });
  });
};

describeReports('the reports on PostgreSQL 18', /^18/, () => createTestDatabase({ isEmpty: true }));

const on15 = hasPostgres15 ? describe : describe.skip;
on15(`with the programs of PostgreSQL 15 in ${postgres15}`, () => {
  let server: SystemPostgres;

  beforeAll(async () => {
    server = await startSystemPostgres(postgres15);
  }, 60_000);
  afterAll(() => server.stop());

  const administer = async (...statements: string[]): Promise<void> => {
    const admin = openPool(parseDatabaseUrl(server.url('postgres')), { max: 1 });
    for (const statement of statements) await admin.unsafe(statement);
    await admin.end();
  };

  test('an owner who may not make roles gets all but the role', async () => {
    await administer('create role plain login', 'create database owned owner plain');
    const storage = await openPostgres(server.url('owned', 'plain'));
    const session = storedSession(1);
    void storage.sessions.ensure(session);
    owe(storage, session, 0);
    await allCommitted(storage);
    expect(await owedTo(storage, session)).toEqual(['0:m0']);
    await storage.stop(0);
    const sql = openPool(parseDatabaseUrl(server.url('owned', 'plain')), { max: 1 });
    const [row] = await sql`
      select (select count(*)::int from surety_report.queues) as queues,
             (select count(*)::int from pg_roles where rolname = 'surety_reader') as readers`;
    await sql.end();
    expect(row).toEqual({ queues: 1, readers: 0 });
  });

  describeReports('the reports on PostgreSQL 15', /^15/, async () => {
    await administer('create database reports');
    return { url: server.url('reports'), drop: async () => undefined };
  });
});
