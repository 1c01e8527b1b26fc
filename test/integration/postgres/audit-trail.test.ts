import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import type { AuditEvent } from '../../../src/domain/audit/audit-event.js';
import {
  deleteSession,
  entryOf,
  eventOf,
  messageFor,
  owe,
  retain,
  storedSession,
  subscriptionOf,
} from '../../support/journal-entries.js';
import { PostgresProxy } from '../../support/postgres-proxy.js';
import { allCommitted, openPostgres } from '../../support/storage-under-test.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil, withinMs } from '../../support/wait-until.js';
import { readTrail } from '../../support/written-trail.js';

let database: TestDatabase;
let proxy: PostgresProxy;
let sql: Sql;
let storage: PostgresStorage;
const a = storedSession(1, 'a');

beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await PostgresProxy.start(database);
  sql = openPool(database.address, { max: 1 });
  storage = await openPostgres(proxy.url, 100_000);
}, 60_000);
afterEach(async () => {
  proxy.restore();
  await storage.stop(0);
  await proxy.close();
  await sql.end();
  await database.drop();
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const reopen = async (): Promise<void> => {
  await storage.stop(5000);
  storage = await openPostgres(proxy.url, 100_000);
};
const recorded = (): Promise<void> => storage.trail.commit(eventOf('queue.overflowed', 'marker'));
const failure = async (query: PromiseLike<unknown>): Promise<string> => {
  try {
    await query;
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('an event', () => {
  test('is in the transaction of the change that was gathered in the same turn', async () => {
    storage.trail.record(eventOf('session.created', 'a'));
    const stored = storage.sessions.ensure(a);
    await stored;
    storage.trail.record(eventOf('subscription.made', 'f'));
    await storage.sessions.subscribe(a, [subscriptionOf(a, 'f', 1)]);
    const [created, made] = await readTrail(sql);
    const [session] = await sql`select xmin::text as transaction from surety.session`;
    const [subscription] = await sql`select xmin::text as transaction from surety.subscription`;
    expect(created?.transaction).toBe(session?.['transaction']);
    expect(made?.transaction).toBe(subscription?.['transaction']);
    expect(made?.transaction).not.toBe(created?.transaction);
  });

  test('of a publication is in its transaction, also when a flood takes many', async () => {
    for (const i of numbers(3500))
      storage.journal.append(
        entryOf({ retained: retain(`r/${i}`, 'x'), events: [eventOf('retained.set', `r/${i}`)] }),
      );
    await withinMs(allCommitted(storage), 'the commits');
    const trail = await readTrail(sql);
    expect(trail.map(({ topic }) => topic)).toEqual(numbers(3500).map((i) => `r/${i}`));
    const [row] = await sql<{ same: number; transactions: number }[]>`
      select count(*)::int as same, count(distinct e.xmin::text)::int as transactions
      from surety.retained r join surety.audit_event e on e.topic = r.topic and e.xmin::text = r.xmin::text`;
    expect(row?.same).toBe(3500);
    expect(row?.transactions).toBeGreaterThan(3);
  });

  test('of the end of a session waits with it for the flood before it', async () => {
    await sql`create table public.ended (transaction text)`;
    await sql`create function public.note() returns trigger language plpgsql as $$
      begin insert into public.ended values (pg_current_xact_id()::xid::text); return null; end $$`;
    await sql`create trigger note after delete on surety.session for each row execute function public.note()`;
    await storage.sessions.ensure(a);
    for (const sequence of numbers(2500)) owe(storage, a, sequence, messageFor('t', 'x'));
    deleteSession(storage, a);
    storage.trail.record(eventOf('connection.closed', 'at once'));
    await withinMs(allCommitted(storage), 'the commits');
    const trail = await readTrail(sql);
    expect(trail.map(({ kind }) => kind)).toEqual(['connection.closed', 'session.deleted']);
    const [ended] = await sql`select transaction from public.ended`;
    expect(trail[1]?.transaction).toBe(ended?.['transaction']);
  });

  test('for which nobody waits shares a commit with others', async () => {
    const { commits } = storage.figures();
    for (const i of numbers(20)) {
      storage.trail.record(eventOf('connection.accepted', `t${i}`));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await waitUntil(() => storage.trail.head.sequence === 20, 'the commit');
    expect(storage.figures().commits).toBe(commits + 1);
  });

  test('that was recorded before a stop is written by it', async () => {
    storage.trail.record(eventOf('broker.stopped', 'x'));
    await storage.stop(5000);
    expect(await readTrail(sql)).toMatchObject([{ kind: 'broker.stopped', node: 'node-1' }]);
    storage = await openPostgres(proxy.url);
    expect(storage.trail.previousRun).toEqual({ lastKind: 'broker.stopped', configuration: undefined });
  });

  test('that was recorded while a commit was under way is written by a stop', async () => {
    void storage.sessions.ensure(a);
    await new Promise((resolve) => setImmediate(resolve));
    storage.trail.record(eventOf('broker.stopped', 'x'));
    await storage.stop(5000);
    expect(await readTrail(sql)).toHaveLength(1);
    storage = await openPostgres(proxy.url);
  });

  test('keeps every field, whatever stands in it', async () => {
    const event: AuditEvent = {
      kind: 'publish.denied',
      atMs: 1_700_000_000_123,
      clientId: 'ü'.repeat(32_767),
      principal: 'ann "quoted" \\ 🙂',
      authentication: 'password',
      address: '2001:db8::1',
      listener: 'mqtt://[::]:1883',
      session: 2 ** 50 + 1,
      reason: 'not_authorized',
      rule: 'rules.yaml:12',
      topic: 't/\u0001/\u00a0',
      details: { b: [1, true, null, 'x'], a: { z: 2 ** 53 - 1, y: '' } },
    };
    await storage.trail.commit(event);
    expect(await readTrail(sql)).toEqual([
      { ...event, sequence: 1, node: 'node-1', transaction: expect.any(String) },
    ]);
  });

  test('has no text that a database would change', async () => {
    await storage.trail.commit({
      ...eventOf('connection.refused', 't'),
      reason: 'a\0b\ud800c',
      details: { e: '\0' },
    });
    expect(await readTrail(sql)).toMatchObject([{ reason: 'a\ufffdb\ufffdc', details: { e: '\ufffd' } }]);
  });
});

describe('the chain', () => {
  test('goes on where the run before has left it', async () => {
    for (const run of numbers(3)) {
      for (const i of numbers(5)) storage.trail.record(eventOf('connection.accepted', `${run}/${i}`));
      await recorded();
      await reopen();
    }
    expect(await readTrail(sql)).toHaveLength(18);
    expect(storage.trail.head.sequence).toBe(18);
  });

  test('has each record once when connections break, before COMMIT or between it and its answer', async () => {
    const told: number[] = [];
    storage.trail.onCommitted(({ sequence }) => told.push(sequence));
    for (const round of numbers(40)) {
      storage.trail.record(eventOf('connection.accepted', `r${round}`));
      storage.journal.append(
        entryOf({ retained: retain(`r/${round}`, 'x'), events: [eventOf('retained.set', `r${round}`)] }),
      );
      if (round % 13 === 6) proxy.cutAt = round === 19 ? 'before-commit' : 'after-commit';
      if (round % 3 === 0) await withinMs(allCommitted(storage), 'a commit');
    }
    await withinMs(recorded(), 'the last commit');
    expect(proxy.cuts).toBe(3);
    const trail = await readTrail(sql);
    const topics = numbers(40).flatMap((round) => [`r${round}`, `r${round}`]);
    expect(trail.map(({ topic }) => topic)).toEqual([...topics, 'marker']);
    expect(told.at(-1)).toBe(81);
    expect(told).toEqual([...new Set(told)].sort((p, q) => p - q));
    const [retained] = await sql<{ count: number }[]>`select count(*)::int as count from surety.retained`;
    expect(retained?.count).toBe(40);
  });

  test('goes on in time though a clock is set back; what was counted keeps its times', async () => {
    const at = (atMs: number, topic: string): AuditEvent => ({
      ...eventOf('connection.refused', topic),
      atMs,
    });
    const counted = { firstAtMs: 1_600_000_000_000, lastAtMs: 1_600_000_001_000 };
    storage.trail.record(at(1_700_000_002_000, 'first'));
    storage.trail.record({ ...at(1_600_000_001_000, 'counted'), details: counted });
    await storage.trail.commit(at(1_700_000_001_000, 'another'));
    await storage.trail.commit(at(1_700_000_003_000, 'later'));
    const trail = await readTrail(sql);
    expect(trail.map(({ atMs }) => atMs - 1_700_000_000_000)).toEqual([2000, 2000, 2000, 3000]);
    expect(trail[1]?.details).toEqual(counted);
  });

  test('ends with the event that it is closed with, once, and says so at the next start', async () => {
    storage.trail.record(eventOf('connection.accepted', 'before'));
    const closed = storage.trail.close({
      ...eventOf('audit.disabled', 'x'),
      details: { configuration: 'c1' },
    });
    storage.trail.record(eventOf('connection.accepted', 'after'));
    storage.journal.append(entryOf({ retained: retain('r', 'x'), events: [eventOf('retained.set', 'r')] }));
    deleteSession(storage, a);
    await closed;
    await allCommitted(storage);
    expect(storage.trail.isWritten).toBe(false);
    await reopen();
    expect(storage.trail.previousRun).toEqual({ lastKind: 'audit.disabled', configuration: 'c1' });
    await storage.trail.close(eventOf('audit.disabled', 'again'));
    expect((await readTrail(sql)).map(({ kind }) => kind)).toEqual(['connection.accepted', 'audit.disabled']);
  });
});

describe('the run before', () => {
  const tell = (kind: AuditEvent['kind'], atMs: number): Promise<void> =>
    storage.trail.commit({ ...eventOf(kind, 'x'), atMs });
  const lastKind = async (): Promise<string | undefined> => {
    await reopen();
    return storage.trail.previousRun?.lastKind;
  };

  test('is none in an empty trail', async () => {
    expect(await lastKind()).toBeUndefined();
  });

  test('is the last one written, also where the clock was set back', async () => {
    await tell('broker.started', 1_700_000_002_000);
    await tell('broker.stopped', 1_700_000_002_000);
    expect(await lastKind()).toBe('broker.stopped');
    await tell('broker.started', 1_700_000_001_000);
    expect(await lastKind()).toBe('broker.started');
  });

  test('has not ended in order when its start was dropped and the trail ends with anything else', async () => {
    await tell('broker.stopped', 1_700_000_001_000);
    expect(await lastKind()).toBe('broker.stopped');
    await tell('connection.accepted', 1_700_000_002_000);
    expect(await lastKind()).toBe('broker.started');
  });

  test('has not ended in order when the trail tells of no run', async () => {
    await tell('connection.accepted', 1_700_000_001_000);
    expect(await lastKind()).toBe('broker.started');
  });
});

describe('while the database is away', () => {
  test('events count in the limit of what waits, and are written when it is back', async () => {
    proxy.interrupt();
    for (const i of numbers(250)) storage.trail.record(eventOf('connection.accepted', `t${i}`));
    expect(storage.health.isFull).toBe(true);
    let rooms = 0;
    storage.health.onRoom(() => (rooms += 1));
    proxy.restore();
    await waitUntil(() => rooms > 0, 'room');
    expect(await readTrail(sql)).toHaveLength(250);
    expect(storage.figures().pendingBytes).toBe(0);
  });

  test('and its trail refuses rows, what they tell of waits with them', async () => {
    await sql`alter table surety.audit_event add constraint no check (kind <> 'session.created') not valid`;
    let isStored = false;
    storage.trail.record(eventOf('session.created', 'a'));
    void storage.sessions.ensure(a).then(() => (isStored = true));
    await waitUntil(() => storage.health.failure !== undefined, 'the failure');
    expect(storage.health.failure).toContain('violates check constraint');
    const [before] = await sql<{ count: number }[]>`select count(*)::int as count from surety.session`;
    expect([isStored, before?.count]).toEqual([false, 0]);
    await sql`alter table surety.audit_event drop constraint no`;
    await waitUntil(() => isStored, 'the session');
    expect(await readTrail(sql)).toHaveLength(1);
  });
});

describe('the tables', () => {
  test.each([
    ['update', 'update surety.audit_event set client_id = null'],
    ['delete', 'delete from surety.audit_event'],
    ['truncate', 'truncate surety.audit_event'],
    ['update of a partition', 'update surety.audit_event_2023_11 set client_id = null'],
    ['delete from a partition', 'delete from surety.audit_event_2023_11 where sequence = 1'],
    ['truncate of a partition', 'truncate surety.audit_event_2023_11'],
    [
      'update by insert',
      'insert into surety.audit_event select * from surety.audit_event on conflict (sequence, at) do update set node = $$x$$',
    ],
  ])('refuse %s, also to the broker itself, and to a replica', async (_, statement) => {
    await recorded();
    expect(await failure(sql.unsafe(statement))).toContain('the audit trail is never changed');
    await sql`set session_replication_role = replica`;
    expect(await failure(sql.unsafe(statement))).toContain('the audit trail is never changed');
    expect(await readTrail(sql)).toHaveLength(1);
  });

  test('have a partition for each month that is written to, and for the one that follows', async () => {
    const at = (iso: string) => ({ ...eventOf('connection.accepted', iso), atMs: Date.parse(iso) });
    const times = [
      '2026-01-31T23:59:59.999Z',
      '2026-02-01T00:00:00.000Z',
      '2026-12-31T23:59:59.999Z',
      '2027-01-01T00:00:00.000Z',
    ];
    for (const time of times) storage.trail.record(at(time));
    await recorded();
    const rows = await sql<{ name: string; topic: string }[]>`
      select tableoid::regclass::text as name, topic from surety.audit_event order by sequence`;
    expect(rows.map(({ name }) => name.slice(-7))).toEqual([
      ...['2026_01', '2026_02', '2026_12', '2027_01', '2027_01'],
    ]);
    const [ahead] = await sql`select to_regclass('surety.audit_event_2027_02') is not null as there`;
    expect(ahead?.['there']).toBe(true);
  });

  test('get a month again that has vanished', async () => {
    await recorded();
    await sql`drop table surety.audit_event_2023_11`;
    await withinMs(recorded(), 'the commit');
    expect(await sql`select sequence from surety.audit_event`).toEqual([{ sequence: '2' }]);
  });

  test('get a new month while somebody reads for long', async () => {
    await recorded();
    const reader = openPool(database.address, { max: 1 });
    const isDone = new Promise<void>((resolve, reject) => {
      reader
        .begin(async (transaction) => {
          await transaction`select count(*) from surety.audit_event`;
          const next = { ...eventOf('connection.accepted', 'new'), atMs: Date.parse('2030-05-05T00:00:00Z') };
          await withinMs(storage.trail.commit(next), 'the commit');
        })
        .then(() => resolve(), reject);
    });
    await isDone;
    await reader.end();
    expect(await readTrail(sql)).toHaveLength(2);
  });

  test('are shown to surety_reader as a view', async () => {
    await recorded();
    await sql`set role surety_reader`;
    expect(await sql`select kind, topic from surety_report.audit`).toEqual([
      { kind: 'queue.overflowed', topic: 'marker' },
    ]);
    expect(await failure(sql`select * from surety.audit_event`)).toContain('permission denied');
    await sql`reset role`;
  });
});
