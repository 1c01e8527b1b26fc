import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { KeyFileSigner } from '../../../src/adapters/crypto/checkpoint-keys.js';
import { PostgresAuditPartitions } from '../../../src/adapters/postgres/audit-retention.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import { RenewablePool } from '../../../src/adapters/postgres/renewable-pool.js';
import { ApplyRetention } from '../../../src/application/audit/apply-retention.js';
import { WriteCheckpoints } from '../../../src/application/audit/write-checkpoints.js';
import { AuditedDatabase } from '../../support/audited-database.js';
import { ManualClock } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';
import { openPostgres } from '../../support/storage-under-test.js';
import { waitUntil } from '../../support/wait-until.js';

const DAY_MS = 86_400_000;

let audited: AuditedDatabase;
let storage: PostgresStorage;
let pool: RenewablePool;
let clock: ManualClock;
let checkpoints: WriteCheckpoints;

beforeAll(async () => {
  audited = await AuditedDatabase.create();
}, 60_000);
afterAll(() => audited.drop());

beforeEach(async () => {
  await audited.hold([], 1);
  storage = await openPostgres(audited.url);
  pool = new RenewablePool(audited.address, 1);
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  checkpoints = new WriteCheckpoints({
    ...{ trail: storage.trail, sinks: [audited.checkpoints], clock, logger: silentLogger },
    ...{ signer: KeyFileSigner.open(audited.privateFile), node: 'a' },
    pace: { everyRecords: 1000, everySeconds: 10 },
  });
});
afterEach(async () => {
  await checkpoints.stop();
  await storage.stop(1000);
  await pool.end();
});

/** A record a day, until this date. */
async function liveUntil(timeMs: number): Promise<void> {
  while (clock.nowMs() < timeMs) {
    await storage.trail.commit({ kind: 'connection.accepted', atMs: clock.nowMs(), clientId: 'c' });
    await checkpoints.cover(storage.trail.head.sequence);
    clock.advance(DAY_MS);
  }
}

function retention(): ApplyRetention {
  const parts = { trail: storage.trail, partitions: new PostgresAuditPartitions(pool), checkpoints, clock };
  return new ApplyRetention({ ...parts, logger: silentLogger, age: { retentionDays: 30 } });
}

const months = async () => {
  const rows = await audited.sql<{ name: string }[]>`
    select distinct relname as name from surety.audit_event e join pg_class c on c.oid = e.tableoid order by 1`;
  return rows.map(({ name }) => name);
};

test('over three months, whole months past their age go, and what remains verifies at any time', async () => {
  await liveUntil(Date.UTC(2026, 2, 1));
  await retention().apply();
  expect(await months()).toEqual(['audit_event_2026_01', 'audit_event_2026_02']);
  await liveUntil(Date.UTC(2026, 2, 3));
  await retention().apply();
  expect(await months()).toEqual(['audit_event_2026_02', 'audit_event_2026_03']);
  // 31 days of January were records 1 to 31; record 62 says that they went.
  expect(await audited.verify()).toMatchObject({
    fault: undefined,
    first: { sequence: 32 },
    last: { sequence: 62 },
    provenThrough: 62,
  });
  await liveUntil(Date.UTC(2026, 3, 2));
  await retention().apply();
  expect(await months()).toEqual(['audit_event_2026_03', 'audit_event_2026_04']);
  expect(await audited.verify()).toMatchObject({ fault: undefined, first: { sequence: 60 } });
  const [dropped] = await audited.sql<{ details: object }[]>`
    select details from surety.audit_event where kind = 'audit.dropped' order by sequence desc limit 1`;
  expect(dropped?.details).toMatchObject({
    partition: 'audit_event_2026_02',
    firstSequence: 32,
    lastSequence: 59,
    records: 28,
  });
});

test('a month that somebody else dropped counts as removed', async () => {
  await liveUntil(Date.UTC(2026, 1, 10));
  await audited.sql`drop table surety.audit_event_2026_01`;
  expect((await audited.verify()).fault).toMatchObject({ kind: 'removed', sequence: 1 });
});

test('a connection that is lost in a drop fails that alone', async () => {
  await liveUntil(Date.UTC(2026, 1, 2));
  const reader = await audited.sql.reserve();
  await reader`begin`;
  await reader`select count(*) from surety.audit_event`;
  const dropped = expect(new PostgresAuditPartitions(pool).drop(['audit_event_2026_01'])).rejects.toThrow();
  await waitUntil(async () => {
    const ended = await reader`
      select pg_terminate_backend(pid) from pg_locks where relation = 'surety.audit_event'::regclass and not granted`;
    return ended.length > 0;
  }, 'a drop that waits, to end its connection');
  await dropped;
  await reader`rollback`;
  reader.release();
  expect(await months()).toContain('audit_event_2026_01');
});

test('a month that is being read stays, and nobody waits for long', async () => {
  await liveUntil(Date.UTC(2026, 2, 3));
  const reader = await audited.sql.reserve();
  await reader`begin`;
  await reader`select count(*) from surety.audit_event`;
  const patient = retention();
  await patient.apply();
  const whileRead = await months();
  await reader`commit`;
  reader.release();
  expect(whileRead).toContain('audit_event_2026_01');
  await patient.apply();
  expect(await months()).not.toContain('audit_event_2026_01');
  expect((await audited.verify()).fault).toBeUndefined();
});
