import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareInsert } from './database/bare-insert.js';
import { countRows } from './database/count-rows.js';
import { fillRoles } from './database/fill-roles.js';
import { fillState } from './database/fill-state.js';
import { openDatabase, type Sql } from './database/open-database.js';

/** Works on a database and returns what it found, as numbers. */
type Task = (sql: Sql, numbers: readonly number[]) => Promise<Readonly<Record<string, number>>>;

const TASKS: Readonly<Record<string, Task>> = {
  'bare-insert': bareInsert,
  'count-rows': countRows,
  'fill-roles': fillRoles,
  'fill-state': fillState,
};

/**
 * `database-task ROOT DATA TASK [NUMBER...]`: starts the embedded server that the broker would start on that data
 * directory, does one task there, prints its result as key=value pairs, and stops the server. The broker may not run.
 */
async function main([root, dataDir, name, ...numbers]: readonly string[]): Promise<void> {
  const task = TASKS[name ?? ''];
  if (root === undefined || dataDir === undefined || task === undefined) throw new Error('bad use');
  const database = await openDatabase(root, dataDir);
  try {
    if (name === 'bare-insert') await createTables(database.sql, root);
    const result = await task(database.sql, numbers.map(Number));
    const pairs = Object.entries(result).map(([key, value]) => `${key}=${value}`);
    process.stdout.write(`${pairs.join(' ')}\n`);
  } finally {
    await database.close();
  }
}

/** The broker's tables, in a database that it hasn't seen. */
async function createTables(sql: Sql, root: string): Promise<void> {
  await sql.unsafe(readFileSync(join(root, 'migrations', '0001_create_broker_state.sql'), 'utf8'));
}

// A signal must not end this process before its server; the standard input ends with whoever started it.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
await main(process.argv.slice(2));
