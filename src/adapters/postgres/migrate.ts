import type postgres from 'postgres';
import type { Sql } from './connect.js';
import { readMigrations, type Migration } from './migration-files.js';
import { errorCode, StartFailure } from './start-failure.js';

/** Makes the table of the steps that were taken. */
export const HISTORY_TABLE = `create table surety_migration (
  version int primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`;

/** A step that `migrate` has taken. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
}

/** Held while one step is taken, so that of two starters one waits; the letters SURETY and a 2. */
const migrationLockKey = 0x5355_5245_5459_0002n;

/**
 * Brings the database to the newest version: each step in a transaction of its own, its row in `surety_migration` first.
 * Each step checks anew what the database holds, so several starters may call it at once.
 * @param migrationsDir Directory of the `NNNN_verb_noun.sql` files.
 * @returns the steps taken, in order; empty where the database was up to date.
 * @throws StartFailure `schema-newer`, `migration-invalid`, `migration-failed`; the failed step has left no trace.
 */
export async function migrate(sql: Sql, migrationsDir: string): Promise<AppliedMigration[]> {
  const migrations = readMigrations(migrationsDir);
  const applied: AppliedMigration[] = [];
  for (;;) {
    const step = await takeStep(sql, migrations);
    if (step === undefined) return applied;
    applied.push({ version: step.version, name: step.name });
  }
}

/**
 * The migrations that a database has taken, as our files have them.
 * @throws StartFailure `schema-newer`, `migration-invalid`; or `database-missing` where no broker has written to it.
 */
export async function takenMigrations(sql: Sql, migrationsDir: string): Promise<Migration[]> {
  const history = await readHistory(sql);
  if (history === undefined)
    throw new StartFailure(
      'database-missing',
      'no broker has written to this database: is it the right one?',
    );
  const migrations = readMigrations(migrationsDir);
  nextStep(history, migrations);
  return migrations.slice(0, history.length);
}

async function takeStep(sql: Sql, migrations: readonly Migration[]): Promise<Migration | undefined> {
  try {
    const step = await sql.begin(async (transaction) => {
      await transaction`set local statement_timeout = 0`;
      await transaction`set local lock_timeout = '60s'`;
      await transaction`select pg_advisory_xact_lock(${String(migrationLockKey)}::bigint)`;
      const history = await readHistory(transaction);
      if (history === undefined) await transaction.unsafe(HISTORY_TABLE);
      const next = nextStep(history ?? [], migrations);
      if (next !== undefined) await apply(transaction, next);
      return next;
    });
    return step;
  } catch (error) {
    throw migrationFailure(error);
  }
}

interface HistoryRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** @returns undefined where no step was ever taken. */
async function readHistory(sql: postgres.ISql): Promise<HistoryRow[] | undefined> {
  const [table] = await sql<{ exists: boolean }[]>`
    select to_regclass('surety_migration') is not null as exists`;
  if (table?.exists !== true) return undefined;
  return sql<HistoryRow[]>`select version, name, checksum from surety_migration order by version`;
}

/** The first step that the database lacks, if what it has is what our files say. */
function nextStep(history: readonly HistoryRow[], migrations: readonly Migration[]): Migration | undefined {
  const newest = history.at(-1)?.version ?? 0;
  if (newest > migrations.length) {
    throw new StartFailure(
      'schema-newer',
      `the database is at version ${newest} of its schema, and this broker knows ${migrations.length}: ` +
        'start the newer broker that was used before, or restore a backup from before it',
    );
  }
  history.forEach((row, index) => requireSame(row, migrations[index], index + 1));
  return migrations[history.length];
}

function requireSame(row: HistoryRow, migration: Migration | undefined, version: number): void {
  if (row.version === version && row.name === migration?.name && row.checksum === migration.checksum) return;
  throw new StartFailure(
    'migration-invalid',
    row.version !== version
      ? `the table surety_migration lacks version ${version} but has ${row.version}: restore the database from a backup`
      : `migration ${migration?.fileName ?? version} is not the one that was applied to the database as "${row.name}": ` +
          'an applied migration never changes; reinstall the broker, or put the file back',
  );
}

/** The row comes first: a starter that raced us past the lock fails on its key before it changes anything. */
async function apply(transaction: postgres.TransactionSql, migration: Migration): Promise<void> {
  const { version, name, checksum, text, fileName } = migration;
  await transaction`insert into surety_migration (version, name, checksum) values (${version}, ${name}, ${checksum})`;
  try {
    await transaction.unsafe(text);
  } catch (error) {
    const own = error instanceof Error ? error.message : String(error);
    throw new StartFailure('migration-failed', `migration ${fileName} failed${lineOf(error, text)}: ${own}`, {
      cause: error,
    });
  }
}

/** Where in the file the server stopped, which it tells in characters. */
function lineOf(error: unknown, text: string): string {
  const position =
    typeof error === 'object' && error !== null && 'position' in error ? Number(error.position) : NaN;
  if (!Number.isInteger(position) || position < 1) return '';
  const before = Array.from(text).slice(0, position - 1);
  return ` at line ${before.filter((character) => character === '\n').length + 1}`;
}

function migrationFailure(error: unknown): StartFailure {
  if (error instanceof StartFailure) return error;
  const own = error instanceof Error ? error.message : String(error);
  const advice: Record<string, string> = {
    '3F000': 'the user in database.url may not use the schema public: make it the owner of the database',
    '42501': 'the user in database.url may not create tables: make it the owner of the database',
    '55P03': 'another process has been migrating it for a minute: wait for it, or end it',
  };
  const known = advice[errorCode(error)] ?? 'the database went away or refused';
  return new StartFailure('migration-failed', `the database could not be migrated: ${known} (${own})`, {
    cause: error,
  });
}
