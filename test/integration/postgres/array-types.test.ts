import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.address, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test.each([
  ['text', ['', 'a', 'a,b', '{a}', 'say "no"', 'back\\slash', 'NULL', 'null', ' x ', 'ü\n', null]],
  ['smallint', [0, -32_768, 32_767, null]],
  ['int', [0, -2_147_483_648, 2_147_483_647]],
  ['bigint', ['0', '-9223372036854775808', '9223372036854775807', null]],
  ['text', []],
])('an array of %s comes back as it went', async (type, values) => {
  const [row] = await sql`select ${values as never}::${sql.unsafe(type)}[] as values`;
  expect(row?.['values']).toEqual(values);
});

test('the driver asks for no types by itself: to lose a connection just then would end the process', () => {
  expect(sql.options.fetch_types).toBe(false);
});
