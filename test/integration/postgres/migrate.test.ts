import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { parseDatabaseUrl } from '../../../src/adapters/postgres/database-address.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let sql: Sql;
let directory: string;

beforeEach(async () => {
  database = await createTestDatabase({ isEmpty: true });
  sql = openPool(database.address, { max: 4 });
  directory = mkdtempSync(join(tmpdir(), 'migrations-'));
}, 60_000);

afterEach(async () => {
  rmSync(directory, { recursive: true });
  await sql.end();
  await database.drop();
});

const file = (name: string, text: string): void => writeFileSync(join(directory, name), text);
const tables = async (): Promise<string[]> =>
  (
    await sql<
      { name: string }[]
    >`select tablename as name from pg_tables where schemaname = 'public' order by 1`
  ).map((row) => row.name);

describe('migrate', () => {
  test('applies the files in order, once, and records them', async () => {
    file(
      '0001_create_thing.sql',
      'create table thing (id int primary key);\ninsert into thing values (1);\n',
    );
    file('0002_add_colour.sql', "alter table thing add colour text not null default 'red';");
    file('README.md', 'not a migration');
    const both = [
      { version: 1, name: 'create_thing' },
      { version: 2, name: 'add_colour' },
    ];
    expect(await migrate(sql, directory)).toEqual(both);
    expect(await migrate(sql, directory)).toEqual([]);
    const [thing] = await sql`select * from thing`;
    expect(thing).toEqual({ id: 1, colour: 'red' });
    const rows = await sql<{ version: number; name: string; checksum: string; applied_at: Date }[]>`
      select version, name, checksum, applied_at from surety_migration order by version`;
    expect(rows.map(({ version, name }) => ({ version, name }))).toEqual(both);
    expect(rows[0]!.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[0]!.applied_at).toBeInstanceOf(Date);
  });

  test('applies only what is new to a database that has the older steps', async () => {
    file('0001_create_thing.sql', 'create table thing (id int primary key);');
    await migrate(sql, directory);
    file('0002_create_other.sql', 'create table other (id int primary key);');
    expect(await migrate(sql, directory)).toEqual([{ version: 2, name: 'create_other' }]);
  });

  test('applies each step once where several starters race', async () => {
    for (let number = 1; number <= 5; number++) {
      file(
        `000${number}_create_table${number}.sql`,
        `create table t${number} (id int); select pg_sleep(0.01);`,
      );
    }
    const pools = [1, 2, 3].map(() => openPool(database.address, { max: 1 }));
    const results = await Promise.all(pools.map((pool) => migrate(pool, directory)));
    await Promise.all(pools.map((pool) => pool.end()));
    const versions = results.flat().map((step) => step.version);
    expect(versions.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('undoes a step that fails, names its file and line, and keeps those before it', async () => {
    file('0001_create_thing.sql', 'create table thing (id int primary key);');
    file('0002_break_thing.sql', 'create table half (id int);\n-- über\n\nselect nonsense from thing;\n');
    await expect(migrate(sql, directory)).rejects.toMatchObject({
      code: 'migration-failed',
      message: 'migration 0002_break_thing.sql failed at line 4: column "nonsense" does not exist',
    });
    expect(await tables()).toEqual(['surety_migration', 'thing']);
    file('0002_break_thing.sql', 'create table whole (id int);');
    expect(await migrate(sql, directory)).toEqual([{ version: 2, name: 'break_thing' }]);
  });

  test('refuses a database that a newer broker has migrated', async () => {
    file('0001_create_thing.sql', 'create table thing (id int primary key);');
    file('0002_create_other.sql', 'create table other (id int primary key);');
    await migrate(sql, directory);
    rmSync(join(directory, '0002_create_other.sql'));
    await expect(migrate(sql, directory)).rejects.toMatchObject({
      code: 'schema-newer',
      message: expect.stringContaining('at version 2 of its schema, and this broker knows 1'),
    });
  });

  test('refuses an applied file that has changed, but not in its line ends', async () => {
    file('0001_create_thing.sql', 'create table thing (id int);\ncreate table other (id int);\n');
    await migrate(sql, directory);
    file('0001_create_thing.sql', 'create table thing (id int);\r\ncreate table other (id int);\r\n');
    expect(await migrate(sql, directory)).toEqual([]);
    file('0001_create_thing.sql', 'create table thing (id bigint);\ncreate table other (id int);\n');
    await expect(migrate(sql, directory)).rejects.toMatchObject({
      code: 'migration-invalid',
      message: expect.stringContaining('0001_create_thing.sql is not the one that was applied'),
    });
  });

  test.each([
    ['a gap', ['0001_create_a.sql', '0003_create_c.sql'], '0003_create_c.sql should be number 0002'],
    ['a number twice', ['0001_create_a.sql', '0001_create_b.sql'], '0001_create_b.sql should be number 0002'],
    ['a name without a verb and a noun', ['0001_thing.sql'], 'is not named as a migration is'],
    ['a name without a number', ['create_thing.sql'], 'is not named as a migration is'],
  ])('refuses %s before it touches the database', async (_, names, message) => {
    for (const name of names) file(name, 'select 1;');
    await expect(migrate(sql, directory)).rejects.toMatchObject({
      code: 'migration-invalid',
      message: expect.stringContaining(message),
    });
    expect(await tables()).toEqual([]);
  });

  test('says so where the user may not create tables', async () => {
    file('0001_create_thing.sql', 'create table thing (id int);');
    const role = `reader_${process.pid}`;
    await sql.unsafe(`create role ${role} login password 'x'`);
    const url = database.url.replace(/surety:[^@]*@/, `${role}:x@`);
    const reader = openPool(parseDatabaseUrl(url), { max: 1 });
    try {
      await expect(migrate(reader, directory)).rejects.toMatchObject({
        code: 'migration-failed',
        message: expect.stringContaining('make it the owner of the database'),
      });
    } finally {
      await reader.end();
      await sql.unsafe(`drop role ${role}`);
    }
  });
});
