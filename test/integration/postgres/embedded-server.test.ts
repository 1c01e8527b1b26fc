import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPool } from '../../../src/adapters/postgres/connect.js';
import type { DatabaseAddress } from '../../../src/adapters/postgres/database-address.js';
import { EmbeddedServer } from '../../../src/adapters/postgres/embedded-server.js';
import { silentLogger } from '../../support/silent-logger.js';
import { waitUntil } from '../../support/wait-until.js';

let directory: string;
let dataDir: string;
const servers: EmbeddedServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'embedded-'));
  dataDir = join(directory, 'data');
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(
  options: { settings?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<EmbeddedServer> {
  const server = await EmbeddedServer.start({ dataDir, logger: silentLogger, ...options });
  servers.push(server);
  return server;
}

async function query(address: DatabaseAddress, text: string): Promise<Record<string, unknown>> {
  const sql = openPool(address, { max: 1 });
  try {
    const [row] = await sql.unsafe<Record<string, unknown>[]>(text);
    return { ...row };
  } finally {
    await sql.end();
  }
}

const uidOf = (pid: number): number => statSync(`/proc/${pid}`).uid;
const asRoot = process.getuid?.() === 0;

describe('the embedded server', () => {
  test('makes its data on the first start, and commits to disk', async () => {
    const { address } = await start();
    const settings = await query(
      address,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('full_page_writes') as pages, current_setting('listen_addresses') as tcp,
              current_setting('server_encoding') as encoding, current_database() as database, current_user as user`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      tcp: '',
      encoding: 'UTF8',
      database: 'surety',
      user: 'surety',
    });
  });

  test('lets in only who has the password, which only its user can read', async () => {
    const { address } = await start();
    const file = join(dataDir, 'postgres-password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim().length).toBeGreaterThanOrEqual(32);
    expect(statSync(join(dataDir, 'postgres')).mode & 0o077).toBe(0);
    const wrong = { ...address, options: { ...address.options, password: 'guess' } };
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('keeps its data over a stop and a start', async () => {
    const first = await start();
    await query(first.address, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await query(second.address, 'select answer from kept')).toEqual({ answer: 42 });
  });

  test('tells that it was killed, and recovers what was committed when it is started again', async () => {
    const server = await start();
    const sql = openPool(server.address, { max: 2 });
    await sql`create table kept (answer int)`;
    let exits = 0;
    server.onExit(() => exits++);
    await sql`insert into kept values (42)`;
    process.kill(server.pid, 'SIGKILL');
    await waitUntil(() => exits === 1, 'the exit of the server');
    expect(server.pid).toBe(0);
    await server.restart();
    const [row] = await sql<{ answer: number }[]>`select answer from kept`;
    expect(row).toEqual({ answer: 42 });
    await sql.end();
    expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).toContain('automatic recovery in progress');
  });

  test('waits for the busy processes of a killed server to end', async () => {
    const server = await start();
    const sql = openPool(server.address, { max: 1 });
    // A backend in the middle of a computation doesn't notice at once that its parent is gone.
    const busy = sql`select count(*) from generate_series(1, 6000000)`.catch(() => undefined);
    const other = openPool(server.address, { max: 1 });
    for (;;) {
      const [row] = await other<{ n: number }[]>`
        select count(*)::int as n from pg_stat_activity where state = 'active' and query like '%generate_series%' and pid <> pg_backend_pid()`;
      if (row?.n === 1) break;
    }
    let hasExited = false;
    server.onExit(() => (hasExited = true));
    process.kill(server.pid, 'SIGKILL');
    await waitUntil(() => hasExited, 'the exit of the server');
    await server.restart();
    await busy;
    await sql.end({ timeout: 1 });
    await other.end({ timeout: 1 });
    expect(await query(server.address, 'select 1 as one')).toEqual({ one: 1 });
  });

  test('does not tell of a stop that it was told to make', async () => {
    const server = await start();
    let exits = 0;
    server.onExit(() => exits++);
    const { pid } = server;
    await server.stop();
    expect(exits).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await server.restart();
    expect(await query(server.address, 'select 1 as one')).toEqual({ one: 1 });
  });

  test('is reached in a directory whose path is longer than a socket address', async () => {
    dataDir = join(directory, 'd'.repeat(70), 'e'.repeat(70));
    const server = await start();
    expect(String(server.address.options.path).length).toBeLessThan(104);
    expect(await query(server.address, 'select 1 as one')).toEqual({ one: 1 });
    await server.stop();
    expect(existsSync(String(server.address.options.path))).toBe(false);
    await server.restart();
    expect(await query(server.address, 'select 1 as one')).toEqual({ one: 1 });
  });

  test('removes what a first start that was killed left behind', async () => {
    const left = join(dataDir, 'postgres.initialising-999999999', 'data');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'PG_VERSION'), '18\n');
    const server = await start();
    expect(existsSync(left)).toBe(false);
    expect(await query(server.address, 'select 1 as one')).toEqual({ one: 1 });
  });

  (asRoot ? test : test.skip)(
    'as root, runs under another user, even in a directory that this user cannot enter',
    async () => {
      expect(statSync(directory).mode & 0o077).toBe(0);
      const closed = await start();
      expect(uidOf(closed.pid)).not.toBe(0);
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(uidOf(closed.pid));
      await closed.stop();
      chmodSync(directory, 0o755);
      chmodSync(dataDir, 0o755);
      const open = await start();
      expect(uidOf(open.pid)).not.toBe(0);
      expect(await query(open.address, "select current_setting('data_directory') as path")).toEqual({
        path: join(dataDir, 'postgres'),
      });
    },
  );

  test('can be called off before it is ready', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(start({ signal: abort.signal })).rejects.toMatchObject({ code: 'server-died' });
    const later = new AbortController();
    const starting = start({ signal: later.signal });
    await waitUntil(() => existsSync(join(dataDir, 'postgres', 'postmaster.pid')), 'the server to start');
    later.abort();
    await expect(starting).rejects.toMatchObject({ name: 'StartFailure' });
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});

describe('the embedded server refuses, and says what to do,', () => {
  const refusal = (code: string, message: string): unknown =>
    expect.objectContaining({ name: 'StartFailure', code, message: expect.stringContaining(message) });

  test('when it dies at its start, with the last lines of its log', async () => {
    await expect(start({ settings: { shared_buffers: 'nonsense' } })).rejects.toEqual(
      refusal('server-died', 'invalid value for parameter "shared_buffers"'),
    );
  });

  test('a data directory that is a file', async () => {
    writeFileSync(dataDir, '');
    await expect(start()).rejects.toEqual(refusal('data-directory-unusable', 'is not a directory'));
  });

  test('a data directory below a file', async () => {
    writeFileSync(dataDir, '');
    dataDir = join(dataDir, 'below');
    await expect(start()).rejects.toEqual(refusal('data-directory-unusable', 'is not a directory'));
  });

  test('a directory that holds something else, and leaves it as it is', async () => {
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres', 'thesis.txt'), 'mine');
    await expect(start()).rejects.toEqual(refusal('data-directory-foreign', 'holds no PostgreSQL data'));
    expect(readFileSync(join(dataDir, 'postgres', 'thesis.txt'), 'utf8')).toBe('mine');
  });

  test('data of another major version', async () => {
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toEqual(refusal('data-directory-version', 'was made by PostgreSQL 15'));
  });

  test('data whose password is gone', async () => {
    await (await start()).stop();
    rmSync(join(dataDir, 'postgres-password'));
    await expect(start()).rejects.toEqual(refusal('data-directory-unusable', 'postgres-password is missing'));
  });
});
