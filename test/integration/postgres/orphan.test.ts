import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
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
import type { Logger } from '../../../src/application/ports/logger.js';
import { BrokerLock } from '../../../src/adapters/postgres/broker-lock.js';
import { openPool } from '../../../src/adapters/postgres/connect.js';
import { socketAddress, type DatabaseAddress } from '../../../src/adapters/postgres/database-address.js';
import { EmbeddedServer } from '../../../src/adapters/postgres/embedded-server.js';
import { startKeeper, type KeeperProcess, type KeeperReport } from '../../support/keeper-process.js';
import { silentLogger } from '../../support/silent-logger.js';
import { waitUntil } from '../../support/wait-until.js';

let directory: string;
let dataDir: string;
let warnings: string[];
const keepers: KeeperProcess[] = [];
const servers: EmbeddedServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'orphan-'));
  dataDir = join(directory, 'data');
  warnings = [];
});

afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.end('SIGTERM')));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  // What a failed test left running.
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const left = statSync(file, { throwIfNoEntry: false }) && Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (left !== undefined && isAlive(left)) {
    process.kill(left, 'SIGQUIT');
    await waitUntil(() => !isAlive(left), 'a server that was left running');
  }
  rmSync(directory, { recursive: true, force: true });
});

const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };

async function start(): Promise<EmbeddedServer> {
  const server = await EmbeddedServer.start({ dataDir, logger });
  servers.push(server);
  return server;
}

async function keep(user?: { uid: number; gid: number }): Promise<KeeperProcess> {
  const keeper = await startKeeper(dataDir, user);
  keepers.push(keeper);
  return keeper;
}

const addressOf = ({ socket = '', password = '' }: KeeperReport): DatabaseAddress =>
  socketAddress(socket, { user: 'surety', password, database: 'surety' });

async function execute(address: DatabaseAddress, text: string): Promise<Record<string, unknown>> {
  const sql = openPool(address, { max: 1 });
  const [row] = await sql.unsafe<Record<string, unknown>[]>(text);
  await sql.end();
  return { ...row };
}

/** Zombies don't count: their parent may be slow to take notice. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('after a kill -9 of the broker', () => {
  test('the server that it left behind is stopped in order, and nothing is lost', async () => {
    const keeper = await keep();
    const { pid = 0 } = keeper.report;
    await execute(addressOf(keeper.report), 'create table kept as select 42 as answer');
    await keeper.end('SIGKILL');
    expect(isAlive(pid)).toBe(true);
    const server = await start();
    expect(isAlive(pid)).toBe(false);
    expect(server.pid).not.toBe(pid);
    expect(await execute(server.address, 'select answer from kept')).toEqual({ answer: 42 });
    expect(warnings).toEqual([expect.stringContaining('left behind')]);
    // In order: no recovery was needed.
    expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('automatic recovery');
  });

  test('a server that another broker has come to use is left alone, and that broker is named', async () => {
    const keeper = await keep();
    const { pid = 0 } = keeper.report;
    await keeper.end('SIGKILL');
    const lock = await BrokerLock.acquire(addressOf(keeper.report));
    await expect(start()).rejects.toMatchObject({
      code: 'another-broker',
      message: expect.stringContaining(`surety (pid ${process.pid} on `),
    });
    expect(isAlive(pid)).toBe(true);
    expect(lock.isHeld).toBe(true);
    await lock.release();
    await start();
    expect(isAlive(pid)).toBe(false);
  });

  test('a lock that goes while we wait does not bar the start', async () => {
    const keeper = await keep();
    await keeper.end('SIGKILL');
    const lock = await BrokerLock.acquire(addressOf(keeper.report));
    const starting = start();
    await waitUntil(() => warnings.length === 1, 'the orphan to be found');
    await lock.release();
    await starting;
  });
});

describe('beside a broker that lives', () => {
  test('the second does not start, names the first, and disturbs nothing', async () => {
    const keeper = await keep();
    await expect(start()).rejects.toMatchObject({
      code: 'another-broker',
      message: expect.stringContaining(`process ${keeper.process.pid ?? 0} on this host`),
    });
    expect(await execute(addressOf(keeper.report), 'select 1 as one')).toEqual({ one: 1 });
  });

  test('of two that start at once on a new directory one wins', async () => {
    const reports = (await Promise.all([keep(), keep()])).map((keeper) => keeper.report);
    const winners = reports.filter((report) => report.pid !== undefined);
    expect(winners).toHaveLength(1);
    expect(reports.find((report) => report.pid === undefined)?.code).toBe('another-broker');
    expect(await execute(addressOf(winners[0]!), 'select 1 as one')).toEqual({ one: 1 });
  });
});

describe('after a crash of the server', () => {
  async function crash(): Promise<string> {
    const server = await start();
    let hasExited = false;
    server.onExit(() => (hasExited = true));
    process.kill(server.pid, 'SIGKILL');
    await waitUntil(() => hasExited, 'the exit of the server');
    return join(dataDir, 'postgres', 'postmaster.pid');
  }

  test('a pid file of a process that is gone does not bar the start', async () => {
    const file = await crash();
    expect(statSync(file).size).toBeGreaterThan(0);
    await start();
    expect(warnings).toEqual([]);
  });

  test('a pid file whose number has gone to another process does not bar the start, or harm that process', async () => {
    const file = await crash();
    const { uid, gid } = statSync(file);
    const other = spawn('sleep', ['60'], { stdio: 'ignore', uid, gid });
    await new Promise((resolve) => other.once('spawn', resolve));
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)));
    await start();
    expect(other.exitCode ?? other.signalCode).toBeNull();
    other.kill();
  });
});

const asRoot = process.getuid?.() === 0;
const ordinary = { uid: 65534, gid: 65534 };
const canReadSources = (statSync(join(process.cwd(), '..')).mode & 0o001) !== 0;

(asRoot && canReadSources ? describe : describe.skip)('as an ordinary user', () => {
  beforeEach(() => {
    chmodSync(directory, 0o755);
    mkdirSync(dataDir);
    chownSync(dataDir, ordinary.uid, ordinary.gid);
  });

  test('the server runs as that user', async () => {
    const { report } = await keep(ordinary);
    expect(report.message).toBeUndefined();
    expect(statSync(`/proc/${report.pid ?? 0}`).uid).toBe(ordinary.uid);
    expect(await execute(addressOf(report), 'select 1 as one')).toEqual({ one: 1 });
  });

  test('an orphan is found and replaced', async () => {
    const first = await keep(ordinary);
    await first.end('SIGKILL');
    const second = await keep(ordinary);
    expect(second.report.message).toBeUndefined();
    expect(second.report.pid).not.toBe(first.report.pid);
    expect(isAlive(first.report.pid ?? 0)).toBe(false);
  });

  test('a directory that the user may not use is refused with the reason', async () => {
    chownSync(dataDir, 0, 0);
    chmodSync(dataDir, 0o755);
    const { report } = await keep(ordinary);
    expect(report).toMatchObject({
      code: 'data-directory-unusable',
      message: expect.stringContaining('may not use it'),
    });
  });

  test('data of another user is refused with what to do', async () => {
    chownSync(dataDir, 0, 0);
    await (await start()).stop();
    const { uid } = statSync(join(dataDir, 'postgres'));
    chownSync(dataDir, ordinary.uid, ordinary.gid);
    const { report } = await keep(ordinary);
    expect(report).toMatchObject({
      code: 'data-directory-unusable',
      message: expect.stringContaining(`belongs to uid ${uid}, and the broker runs as uid ${ordinary.uid}`),
    });
  });
});
