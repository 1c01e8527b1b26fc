import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPool } from '../../src/adapters/postgres/connect.js';
import { parseDatabaseUrl, type DatabaseAddress } from '../../src/adapters/postgres/database-address.js';
import { EmbeddedServer } from '../../src/adapters/postgres/embedded-server.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { silentLogger } from './silent-logger.js';
import { waitUntil } from './wait-until.js';

/** A database of a test file's own, with the broker's schema in it. */
export interface TestDatabase {
  readonly address: DatabaseAddress;
  /** The same for a configuration's `database.url`. */
  readonly url: string;
  /** Cuts whoever is still connected, and removes the database. */
  drop(): Promise<void>;
}

/** Options of `createTestDatabase`. */
export interface TestDatabaseOptions {
  /** Leaves out the migrations: for their own tests. */
  readonly isEmpty?: boolean;
}

interface ServerRecord {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly password: string;
}

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
const template = 'surety_template';
const startMsMax = 60_000;

/**
 * Makes a database on the one server of the test run, which the first caller starts. It takes about 50 ms.
 * The server doesn't sync its files: tests that need that, or a crash, start a server of their own.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const record = await sharedServer();
  const name = `test_${process.pid}_${Date.now()}_${++databasesMade}`;
  const source = options.isEmpty === true ? 'template0' : template;
  await administer(record, `create database ${name} template ${source}`);
  const url = urlOf(record, name);
  return {
    address: parseDatabaseUrl(url),
    url,
    drop: () => administer(record, `drop database if exists ${name} with (force)`),
  };
}

let databasesMade = 0;

async function sharedServer(): Promise<ServerRecord> {
  const directory = process.env['SURETY_TEST_DATABASE_DIR'];
  if (directory === undefined)
    throw new Error('the run has no database directory: see globalSetup in jest.config.js');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'server.json');
  const failure = join(directory, 'failure.txt');
  if (claim(join(directory, 'starting'))) {
    try {
      const record = await startServer(directory);
      writeFileSync(`${file}.new`, JSON.stringify(record));
      renameSync(`${file}.new`, file);
    } catch (error) {
      writeFileSync(failure, String(error));
      throw error;
    }
  }
  await waitUntil(
    () => existsSync(file) || existsSync(failure),
    'the database server of the run',
    startMsMax,
  );
  if (existsSync(failure)) throw new Error(`the database server failed: ${readFileSync(failure, 'utf8')}`);
  return JSON.parse(readFileSync(file, 'utf8')) as ServerRecord;
}

function claim(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

async function startServer(directory: string): Promise<ServerRecord> {
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '100' };
  const server = await EmbeddedServer.start({ dataDir: directory, logger: silentLogger, settings });
  stopWithRun(server.pid, directory);
  server.leaveRunning();
  const { path, password } = server.address.options;
  const record = { pid: server.pid, socketDirectory: dirname(String(path)), password: String(password) };
  await administer(record, `create database ${template}`);
  const sql = openPool(parseDatabaseUrl(urlOf(record, template)), { max: 1 });
  await migrate(sql, migrations);
  await sql.end();
  return record;
}

/** The teardown doesn't happen when the run is killed; then this stops the server, within a second. */
function stopWithRun(serverPid: number, directory: string): void {
  const script =
    'while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 1; done; ' +
    'kill -INT "$2" 2>/dev/null; while kill -0 "$2" 2>/dev/null; do sleep 1; done; rm -rf "$3"';
  const run = process.env['SURETY_TEST_RUN_PID'] ?? String(process.pid);
  const watch = spawn('sh', ['-c', script, 'sh', run, String(serverPid), directory], {
    detached: true,
    stdio: 'ignore',
  });
  watch.unref();
}

function urlOf(record: ServerRecord, database: string): string {
  return `postgres://surety:${encodeURIComponent(record.password)}@/${database}?host=${encodeURIComponent(record.socketDirectory)}`;
}

async function administer(record: ServerRecord, statement: string): Promise<void> {
  const sql = openPool(parseDatabaseUrl(urlOf(record, 'postgres')), { max: 1, fetch_types: false });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
