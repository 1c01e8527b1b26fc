import type { Sql } from '../connect.js';
import { HISTORY_TABLE, takenMigrations } from '../migrate.js';
import type { Migration } from '../migration-files.js';
import { type BackupTable, backupTables, sequenceStatements } from './tables.js';

/** Told the rows of each table, when it is done. */
export type RowCounts = (table: string, rows: number) => void;

const NEW_LINE = 10;

/**
 * A broker's database as a script of SQL and `COPY` blocks, as `pg_dump` writes one: `psql` reads it, and so does
 * `restoreScript`. It shows the database at one moment, and the broker goes on writing meanwhile. Tables are made by
 * the migrations that the database has taken.
 * @returns pieces of UTF-8 text.
 * @throws StartFailure when it isn't a broker's database, or of another version.
 */
export async function* dumpDatabase(
  sql: Sql,
  migrationsDir: string,
  count: RowCounts,
): AsyncGenerator<Uint8Array> {
  const reserved = (await sql.reserve()) as unknown as Sql;
  let isDone = false;
  try {
    await reserved.unsafe(SNAPSHOT);
    const migrations = await takenMigrations(reserved, migrationsDir);
    const tables = await backupTables(reserved);
    yield text(preamble(migrations, tables));
    for (const table of tables) yield* copyOut(reserved, table, count);
    yield text(ending(await sequenceStatements(reserved)));
    await reserved.unsafe('commit');
    isDone = true;
  } finally {
    // A connection whose copy was left is of no more use.
    if (isDone) (reserved as unknown as { release(): void }).release();
    else await sql.end({ timeout: 0 });
  }
}

/** No text in a dump depends on a setting of the server or the user. */
const SNAPSHOT =
  'begin isolation level repeatable read read only; set local statement_timeout = 0; ' +
  "set local idle_in_transaction_session_timeout = 0; set local extra_float_digits = 3; set local datestyle = 'ISO'; " +
  "set local intervalstyle = 'postgres'; set local bytea_output = 'hex'; set local timezone = 'UTC'";

function preamble(migrations: readonly Migration[], tables: readonly BackupTable[]): string {
  // Rows that a migration itself has put in come with the copies.
  const emptied = [...tables].reverse().map(({ name }) => `delete from ${name};`);
  return [
    '-- A backup of a Surety broker: read it into an empty database with `surety restore`, or with',
    '-- psql --single-transaction --set ON_ERROR_STOP=1 --file=...',
    "set client_encoding = 'UTF8';",
    'set standard_conforming_strings = on;',
    'set statement_timeout = 0;',
    "set datestyle = 'ISO';",
    "set intervalstyle = 'postgres';",
    // A user of the name of a schema would find its tables first.
    'set search_path = public;',
    `${HISTORY_TABLE};`,
    ...migrations.map(({ fileName, text: script }) => `\n-- ${fileName}\n${script.replaceAll('\r\n', '\n')}`),
    ...emptied,
    ...tables.flatMap(({ partitions }) => partitions.map((statement) => `${statement};`)),
    '',
  ].join('\n');
}

async function* copyOut(sql: Sql, table: BackupTable, count: RowCounts): AsyncGenerator<Uint8Array> {
  const { name, columns } = table;
  let rows = 0;
  yield text(`\nCOPY ${name} (${columns}) FROM stdin;\n`);
  // A partitioned table itself can't be copied, but a query can.
  const stream = await sql.unsafe(`copy (select ${columns} from ${name}) to stdout`).readable();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) rows += 1;
    yield chunk;
  }
  yield text('\\.\n');
  count(name, rows);
}

function ending(statements: readonly string[]): string {
  return `\n${statements.map((statement) => `${statement};\n`).join('')}analyze;\n`;
}

function text(value: string): Uint8Array {
  return Buffer.from(value);
}
