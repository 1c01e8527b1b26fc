import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Logger } from '../../../src/application/ports/logger.js';
import { BrokerLock, findLockHolder } from '../../../src/adapters/postgres/broker-lock.js';
import { connect, faultOf, openPool } from '../../../src/adapters/postgres/connect.js';
import { parseDatabaseUrl } from '../../../src/adapters/postgres/database-address.js';
import { silentLogger } from '../../support/silent-logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil } from '../../support/wait-until.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 60_000);

afterAll(() => database.drop());

const attempt = (url: string): Promise<unknown> => connect(parseDatabaseUrl(url), { logger: silentLogger });

/** A TCP server that treats each connection as told, on a free port of the loopback address. */
async function fakeServer(greet: (server: Server) => void): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer();
  greet(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://u:secret@127.0.0.1:${port}/db`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('connect', () => {
  test('opens a pool that the server knows by the name surety', async () => {
    const sql = await connect(database.address, { logger: silentLogger });
    const [row] = await sql<{ name: string }[]>`select current_setting('application_name') as name`;
    await sql.end();
    expect(row?.name).toBe('surety');
  });

  test('warns of a server that does not sync its files', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    await (await connect(database.address, { logger })).end();
    // The server of the test run has fsync off.
    expect(warnings).toEqual([expect.stringContaining('set fsync and full_page_writes to on')]);
  });

  test('commits synchronously even where the server does not by default', async () => {
    const admin = openPool(database.address, { max: 1 });
    const name = database.address.name.split('/').at(-1) ?? '';
    await admin.unsafe(`alter database ${name} set synchronous_commit = off`);
    const sql = await connect(database.address, { logger: silentLogger });
    const [row] = await sql<{ setting: string }[]>`select current_setting('synchronous_commit') as setting`;
    await sql.end();
    await admin.unsafe(`alter database ${name} reset synchronous_commit`);
    await admin.end();
    expect(row?.setting).toBe('on');
  });

  test.each([
    [
      'a wrong password',
      /surety:[^@]*@/,
      'surety:wrong-secret@',
      'database-refused',
      'the user name or the password',
    ],
    ['an unknown user', /surety:[^@]*@/, 'nobody-knows:wrong-secret@', 'database-refused', 'the password'],
    ['a missing database', /@\/\w+/, '@/no_such', 'database-missing', 'CREATE DATABASE'],
    ['a missing socket', /host=.*/, 'host=/nowhere', 'database-unreachable', 'no such socket'],
  ])('says what to do about %s', async (_, part, other, code, message) => {
    const refused = attempt(database.url.replace(part, other));
    await expect(refused).rejects.toMatchObject({
      name: 'StartFailure',
      code,
      message: expect.stringContaining(message),
    });
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining('wrong-secret') });
  });

  test('says what to do about an unknown host', async () => {
    await expect(attempt('postgres://u:p@no-such-host.invalid/db')).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining('no-such-host.invalid'),
    });
  });

  test('says what to do about a port where nothing listens', async () => {
    const server = await fakeServer(() => undefined);
    await server.close();
    await expect(attempt(server.url)).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  test('says what to do about a server that hangs up', async () => {
    const server = await fakeServer((raw) => raw.on('connection', (socket) => socket.destroy()));
    await expect(attempt(server.url)).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining('hung up'),
    });
    await server.close();
  });

  test('says what to do about a server without TLS where sslmode asks for it', async () => {
    // A PostgreSQL server without TLS answers the request for it with the letter N.
    const server = await fakeServer((raw) =>
      raw.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.write('N', () => socket.once('data', () => socket.destroy())));
      }),
    );
    await expect(attempt(`${server.url}?sslmode=require`)).rejects.toMatchObject({
      code: 'tls-failed',
      message: expect.stringContaining('ssl = on'),
    });
    await server.close();
  });

  test('goes on trying while the server is not there yet', async () => {
    const gone = await fakeServer(() => undefined);
    await gone.close();
    const start = performance.now();
    const late = connect(parseDatabaseUrl(gone.url), { logger: silentLogger, waitMsMax: 600 });
    await expect(late).rejects.toMatchObject({ code: 'database-unreachable' });
    expect(performance.now() - start).toBeGreaterThan(500);
  });

  test('does not try again what can only fail again', async () => {
    const start = performance.now();
    const url = database.url.replace(/surety:[^@]*@/, 'surety:wrong@');
    const refused = connect(parseDatabaseUrl(url), { logger: silentLogger, waitMsMax: 30_000 });
    await expect(refused).rejects.toMatchObject({ code: 'database-refused' });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('takes PostgreSQL 14 and later, a primary, in UTF-8', () => {
    const fit = { version: 140_000, versionName: '14.0', isStandby: false, encoding: 'UTF8' };
    expect(faultOf(fit)).toBeUndefined();
    expect(faultOf({ ...fit, version: 130_020, versionName: '13.20' })).toContain(
      'PostgreSQL 13.20, and 14 is the oldest',
    );
    expect(faultOf({ ...fit, isStandby: true })).toContain('standby');
    expect(faultOf({ ...fit, encoding: 'LATIN1' })).toContain("ENCODING 'UTF8'");
  });

  test('refuses a database in another encoding', async () => {
    const admin = openPool(database.address, { max: 1 });
    const name = `latin_${process.pid}`;
    await admin.unsafe(
      `create database ${name} encoding 'LATIN1' locale_provider 'libc' locale 'C' template template0`,
    );
    await expect(attempt(database.url.replace(/@\/\w+/, `@/${name}`))).rejects.toMatchObject({
      code: 'database-unsuitable',
    });
    await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end();
  });
});

describe('BrokerLock', () => {
  test('is held by one broker; the second is told who', async () => {
    const first = await BrokerLock.acquire(database.address);
    await expect(BrokerLock.acquire(database.address, 0)).rejects.toMatchObject({
      code: 'another-broker',
      message: expect.stringMatching(`another broker is running on .*surety \\(pid ${process.pid} on `),
    });
    expect(first.isHeld).toBe(true);
    await first.release();
    const second = await BrokerLock.acquire(database.address, 0);
    await second.release();
  });

  test('goes to a broker that waits for a holder about to go', async () => {
    const first = await BrokerLock.acquire(database.address);
    const second = BrokerLock.acquire(database.address, 5000);
    await first.release();
    const lock = await second;
    expect(lock.isHeld).toBe(true);
    await lock.release();
  });

  test('tells once when its connection is cut, and can be taken anew', async () => {
    const lock = await BrokerLock.acquire(database.address);
    let losses = 0;
    lock.onLost(() => losses++);
    const sql = openPool(database.address, { max: 1 });
    const holder = await findLockHolder(sql);
    await sql`select pg_terminate_backend(${holder?.backendPid ?? 0})`;
    await waitUntil(() => losses > 0, 'the loss of the lock');
    expect(lock.isHeld).toBe(false);
    const again = await BrokerLock.acquire(database.address);
    expect(await findLockHolder(sql)).toBeDefined();
    await again.release();
    await lock.release();
    expect(losses).toBe(1);
    await sql.end();
  });

  test('does not tell of a loss when it is released', async () => {
    const lock = await BrokerLock.acquire(database.address);
    let losses = 0;
    lock.onLost(() => losses++);
    await lock.release();
    expect(losses).toBe(0);
    expect(lock.isHeld).toBe(false);
  });

  test('of another database is another lock', async () => {
    const other = await createTestDatabase();
    const locks = [await BrokerLock.acquire(database.address, 0), await BrokerLock.acquire(other.address, 0)];
    await Promise.all(locks.map((lock) => lock.release()));
    await other.drop();
  });
});
