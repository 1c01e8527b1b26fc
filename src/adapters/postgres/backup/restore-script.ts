import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { connect, type Sql } from '../connect.js';
import { BrokerLock } from '../broker-lock.js';
import { parseDatabaseUrl } from '../database-address.js';
import type { DatabaseOptions } from '../database.js';
import { EmbeddedServer } from '../embedded-server.js';
import type { RowCounts } from './dump-database.js';

const COPY = /^COPY (\S+) .*FROM stdin;$/i;
const END_OF_COPY = '\\.';
/** Commands to psql, which `pg_dump` writes around a script. */
const PSQL_COMMAND = /^\\(un)?restrict /;
/** Lines are handed over in pieces of about so many characters. */
const PIECE_LENGTH = 262_144;

/**
 * Reads a script of SQL and `COPY` blocks into an empty database, in one transaction: all of it, or nothing.
 * @param lines Without their ends.
 * @throws Error that says what to do, when a broker is running on it, when it isn't empty, or when the script fails.
 */
export async function restoreDatabase(
  options: Omit<DatabaseOptions, 'migrationsDir'>,
  lines: AsyncIterable<string>,
  count: RowCounts,
): Promise<void> {
  const { url, dataDir, logger } = options;
  const server = url === undefined ? await EmbeddedServer.start({ dataDir, logger }) : undefined;
  try {
    const address = server?.address ?? parseDatabaseUrl(url ?? '');
    const sql = await connect(address, { logger, connectionsMax: 1 });
    try {
      const lock = await BrokerLock.acquire(address);
      await restoreAll(sql, lines, count).finally(() => lock.release());
    } finally {
      await sql.end({ timeout: 1 });
    }
  } finally {
    await server?.stop();
  }
}

async function restoreAll(pool: Sql, lines: AsyncIterable<string>, count: RowCounts): Promise<void> {
  const sql = (await pool.reserve()) as unknown as Sql;
  await sql.unsafe('begin; set local statement_timeout = 0');
  await requireEmpty(sql);
  await runScript(sql, lines, count);
  const [found] = await sql<{ isOurs: boolean }[]>`
    select to_regclass('surety.journal_state') is not null as "isOurs"`;
  if (found?.isOurs !== true) throw new Error('this is no backup of a broker: nothing was restored');
  await sql.unsafe('commit');
}

async function requireEmpty(sql: Sql): Promise<void> {
  const [found] = await sql<{ isUsed: boolean }[]>`
    select to_regnamespace('surety') is not null or to_regclass('surety_migration') is not null as "isUsed"`;
  if (found?.isUsed !== true) return;
  throw new Error(
    'the database holds the data of a broker already, and a restore never overwrites any: ' +
      'name an empty database in database.url, or another folder in dataDir',
  );
}

async function runScript(sql: Sql, lines: AsyncIterable<string>, count: RowCounts): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  let statements: string[] = [];
  const runStatements = async (): Promise<void> => {
    const text = statements.join('\n');
    statements = [];
    if (text.trim() !== '') await sql.unsafe(text).catch(refused);
  };
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    const line = next.value;
    const copy = COPY.exec(line);
    if (copy !== null) {
      await runStatements();
      count(copy[1] ?? '', await copyIn(sql, line, iterator));
    } else if (!PSQL_COMMAND.test(line)) {
      statements.push(line);
    }
  }
  await runStatements();
}

function refused(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`the database refuses what the backup says, and nothing was restored: ${reason}`, {
    cause: error,
  });
}

/** Hands the lines up to the end of the block to the server. @returns how many there were. */
async function copyIn(sql: Sql, statement: string, lines: AsyncIterator<string>): Promise<number> {
  const stream: Writable = await sql.unsafe(statement).writable();
  // The server's complaint comes when it is told the end; without a listener it would end the process before.
  const done = finished(stream);
  done.catch(() => undefined);
  let rows = 0;
  let piece = '';
  for (;;) {
    const next = await lines.next();
    if (next.done === true) {
      stream.destroy();
      throw new Error('the backup is cut off: nothing was restored');
    }
    const isEnd = next.value === END_OF_COPY;
    if (!isEnd) {
      piece += `${next.value}\n`;
      rows += 1;
    }
    if (piece.length >= PIECE_LENGTH || isEnd) {
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), done]);
      piece = '';
    }
    if (isEnd) break;
  }
  stream.end();
  await done.catch(refused);
  return rows;
}
