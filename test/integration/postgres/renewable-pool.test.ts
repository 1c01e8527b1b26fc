import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RenewablePool } from '../../../src/adapters/postgres/renewable-pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let pool: RenewablePool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = new RenewablePool(database.address, 2);
}, 60_000);
afterEach(async () => {
  await pool.end();
  await database.drop();
});

test('a query that the server refuses leaves others under way alone', async () => {
  const slow = pool.use((sql) => sql`select 1 as one from pg_sleep(0.5)`);
  await expect(pool.use((sql) => sql`select 1 / 0`)).rejects.toThrow('division by zero');
  expect([...(await slow)]).toEqual([{ one: 1 }]);
});

test('what is read when a connection turns out to be lost is asked once more', async () => {
  const lost = pool.current;
  let asked = 0;
  const read = () =>
    pool.read((sql) => {
      asked += 1;
      return sql === lost ? sql`select pg_terminate_backend(pg_backend_pid())` : sql`select 1 as one`;
    });
  const answers = await Promise.all([read(), read(), read()]);
  expect(answers.map((rows) => [...rows])).toEqual(answers.map(() => [{ one: 1 }]));
  expect(asked).toBe(6);
});

test('what the server refuses to read is not asked again', async () => {
  let asked = 0;
  const reading = pool.read((sql) => {
    asked += 1;
    return sql`select 1 / 0`;
  });
  await expect(reading).rejects.toThrow('division by zero');
  expect(asked).toBe(1);
});

test('a pool whose connection was lost is not used again', async () => {
  const before = pool.current;
  await expect(pool.use((sql) => sql`select pg_terminate_backend(pg_backend_pid())`)).rejects.toThrow();
  expect(pool.current).not.toBe(before);
  expect([...(await pool.use((sql) => sql`select 1 as one`))]).toEqual([{ one: 1 }]);
});
