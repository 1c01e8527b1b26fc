import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import { deleteSession, oweAll, readSessions, storedSession } from '../../support/journal-entries.js';
import { allCommitted, openPostgres } from '../../support/storage-under-test.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil } from '../../support/wait-until.js';

const ROWS = 5000;
/** Out of the way of those that the storage gives. */
const MESSAGES_FROM = 1_000_000;
const [a, b] = [storedSession(1), storedSession(2)];
let database: TestDatabase;
let sql: Sql;
let storage: PostgresStorage;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.address, { max: 1 });
}, 60_000);
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate surety.session, surety.delivery, surety.message`;
  storage = await openPostgres(database.url);
});
afterEach(() => storage.stop(0));

/** Has sessions owe the same messages; those that aren't named have ended. */
async function storeRows({ sessions, owed }: { sessions: number[]; owed: number[] }): Promise<void> {
  for (const key of sessions)
    await sql`insert into surety.session (key, client_id, created_at) values (${key}, ${`client-${key}`}, now())`;
  await sql`
    insert into surety.message (id, topic, payload)
    select ${MESSAGES_FROM} + i, 't', '' from generate_series(1, ${ROWS}::int) i`;
  for (const key of owed)
    await sql`
      insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, message_id)
      select ${key}, i, now(), 1, 1, false, false, ${MESSAGES_FROM} + i
      from generate_series(1, ${ROWS}::int) i`;
}

async function stored() {
  const [counts] = await sql<{ ofA: number; ofB: number; messages: number; batch: number }[]>`
    select (select count(*) from surety.delivery where session_key = 1)::int as "ofA",
           (select count(*) from surety.delivery where session_key = 2)::int as "ofB",
           (select count(*) from surety.message)::int as messages,
           (select batch from surety.journal_state)::int as batch`;
  if (counts === undefined) throw new Error('nothing was counted');
  return counts;
}

const allRemoved = (): Promise<void> =>
  waitUntil(async () => (await stored()).ofA === 0, 'the last delivery of the session to be removed');

test('what an ended session was owed is removed in portions, and its session with the first', async () => {
  await storeRows({ sessions: [1, 2], owed: [1, 2] });
  const before = await stored();
  deleteSession(storage, a);
  await allCommitted(storage);
  expect((await readSessions(storage)).map(({ key }) => key)).toEqual([2]);
  await allRemoved();
  const after = await stored();
  expect(after).toMatchObject({ ofA: 0, ofB: ROWS, messages: ROWS });
  expect(after.batch - before.batch).toBeGreaterThanOrEqual(3);
});

test('messages go with the last session that is owed them, and new ones are written meanwhile', async () => {
  await storeRows({ sessions: [1, 2], owed: [1] });
  deleteSession(storage, a);
  oweAll(storage, [b, storedSession(3)], ROWS + 1);
  await allCommitted(storage);
  expect((await stored()).ofB).toBe(1);
  await allRemoved();
  expect(await stored()).toMatchObject({ ofB: 1, messages: 1 });
});

test('what a run leaves of ended sessions is removed by the next, which never offers it to anybody', async () => {
  await storeRows({ sessions: [2], owed: [1, 2] });
  expect(await readSessions(storage)).toMatchObject([{ key: 2, backlog: { messages: ROWS } }]);
  await allRemoved();
  expect(await stored()).toMatchObject({ ofB: ROWS, messages: ROWS });
});
