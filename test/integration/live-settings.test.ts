import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/adapters/auth/password-hash.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { TestAuthority } from '../support/certificates.js';
import { madeUpPolicy } from '../support/made-up-policy.js';
import { ManualClock } from '../support/manual-clock.js';
import { connect, type ConnectFields, publish } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { startBroker, type StartOptions, type TestBroker } from '../support/start-broker.js';
import { waitUntil } from '../support/wait-until.js';
import { makeFolder, type TestFolder } from '../support/test-folder.js';

/** More than the time from one look at all connections to the next. */
const SWEEP_MS = 300;

let clock: ManualClock;
let broker: TestBroker;
let opened: RawClient[];
let folder: TestFolder;

const start = async (options: StartOptions = {}): Promise<void> => {
  broker = await startBroker({ clock, ...options });
};

/** Has the broker take a configuration with these changes, all of which it puts in force. */
const change = async (changes: NonNullable<StartOptions['config']>): Promise<void> => {
  await broker.reload(changes);
  expect([broker.faults(), broker.needRestart()]).toEqual([[], []]);
};

const join = async (fields: ConnectFields = {}) => {
  const client = await RawClient.open(broker.port);
  opened.push(client);
  client.send(connect({ clientId: `c${opened.length}`, ...fields }));
  return { client, ...(await client.take('connack')) };
};

const listener = (changes: object) => ({ listeners: [changes] });

beforeEach(() => {
  [clock, opened, folder] = [new ManualClock(), [], makeFolder()];
});

afterEach(async () => {
  for (const client of opened) client.destroy();
  await broker.stop();
  folder.remove();
});

describe('set anew while the broker runs', () => {
  test('limits.connectRateMax holds for connections from then on', async () => {
    await start();
    const { client } = await join();
    await change({ limits: { connectRateMax: 1 } });
    clock.advance(SWEEP_MS);
    const { client: second } = await join();
    await expect(join()).rejects.toThrow('closed');
    await change({});
    clock.advance(SWEEP_MS);
    expect((await join()).returnCode).toBe(0);
    for (const each of [client, second]) await each.ping();
  });

  test.each([
    ['topicBytesMax', { topicBytesMax: 4 }],
    ['topicLevelsMax', { topicLevelsMax: 1 }],
    ['packetBytesMax', { packetBytesMax: 128 }],
  ])('limits.%s holds for those who are connected, with topics that they used before', async (_, limits) => {
    await start();
    const { client } = await join();
    const tooMuch = { topic: 'plant/7', payload: 'x'.repeat(200) };
    await client.publish(tooMuch);
    await change({ limits });
    await client.publish({ topic: 'a' });
    client.send(publish(tooMuch));
    await client.whenClosed();
  });

  test('limits.queuePolicy decides what gives way from then on', async () => {
    const limits = { queueMessagesMax: 1 };
    await start({ config: { limits } });
    const { client: reader } = await join({ clientId: 'reader', cleanSession: false });
    await reader.subscribe(['a', 1]);
    reader.destroy();
    const { client } = await join();
    for (const payload of ['dropped', 'kept']) await client.publish({ topic: 'a', payload, qos: 1 });
    await change({ limits: { ...limits, queuePolicy: 'refuse' } });
    client.send(publish({ topic: 'a', qos: 1, packetId: 9 }));
    await client.whenClosed();
  });

  test('listeners[].limits hold for connections from then on, and count those before', async () => {
    await start();
    const { client: before } = await join();
    await change(listener({ limits: { connectionsMax: 2, subscriptionsPerSessionMax: 1 } }));
    const { client } = await join();
    expect(await client.subscribe(['a', 0], ['b', 0])).toEqual([0, 0x80]);
    expect(await before.subscribe(['a', 0], ['b', 0])).toEqual([0, 0]);
    await expect(join()).rejects.toThrow('closed');
    await change(listener({ limits: { subscriptionsPerSessionMax: 2 } }));
    expect(await client.subscribe(['b', 0])).toEqual([0x80]);
    expect(await (await join()).client.subscribe(['a', 0], ['b', 0], ['c', 0])).toEqual([0, 0, 0x80]);
    await change({});
    expect(await (await join()).client.subscribe(['a', 0], ['b', 0], ['c', 0])).toEqual([0, 0, 0]);
  });

  test('listeners[].allowAnonymous keeps out whoever connects from then on', async () => {
    await start();
    const { client } = await join();
    await change(listener({ allowAnonymous: false }));
    expect((await join()).returnCode).toBe(5);
    await client.ping();
  });

  test('listeners[].proxyProtocol lets nobody connect but the proxies, until it is taken away', async () => {
    await start();
    const { client } = await join();
    await change(listener({ proxyProtocol: { trusted: ['192.0.2.1'] } }));
    await expect(join()).rejects.toThrow('closed');
    await client.ping();
    await change(listener({}));
    expect((await join()).returnCode).toBe(0);
  });

  test('listeners[].allowedOrigins keeps out the pages that are not among them', async () => {
    const webSocket = { transport: 'websocket' as const };
    await start({ config: listener(webSocket) });
    expect(await askFrom('https://page.example')).toBe(101);
    await change(listener({ ...webSocket, allowedOrigins: ['https://other.example'] }));
    expect([await askFrom('https://page.example'), await askFrom('https://other.example')]).toEqual([
      403, 101,
    ]);
  });

  test('listeners[].tls has whoever connects from then on speak TLS, until it is taken away', async () => {
    const { cert, key } = await (await TestAuthority.create()).issue();
    const files = { certFile: folder.write('crt', cert), keyFile: folder.write('key', key), crlFiles: [] };
    const tls = { ...files, clientCertificates: 'off' as const, minVersion: '1.2' as const };
    await start({ clock: new SystemClock() });
    const { client } = await join();
    await change(listener({ tls }));
    const secure = connectTls({ port: broker.port, host: '127.0.0.1', rejectUnauthorized: false });
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    secure.destroy();
    await client.ping();
    folder.write('crt', 'half of another');
    await change(listener({ tls, allowAnonymous: true }));
    await change({});
    expect((await join()).returnCode).toBe(0);
  });

  test('listeners come and go, and those who are connected stay', async () => {
    await start();
    const { port } = broker;
    const { client } = await join();
    await change({ listeners: [{ host: '127.0.0.2' }] });
    expect(broker.port).not.toBe(port);
    await expect(RawClient.open(port)).rejects.toThrow('ECONNREFUSED');
    await client.ping();
    await change({});
    expect((await join()).returnCode).toBe(0);
  });

  test('session.expirySeconds ends sessions whose client is away for longer', async () => {
    await start();
    (await join({ clientId: 'gone', cleanSession: false })).client.destroy();
    await join({ clientId: 'stays', cleanSession: false });
    clock.advance(120_000);
    await change({ session: { expirySeconds: 60 } });
    clock.advance(10_000);
    const again = async (clientId: string) => (await join({ clientId, cleanSession: false })).sessionPresent;
    expect([await again('gone'), await again('stays')]).toEqual([false, true]);
  });

  test('access.onDeniedPublish follows the next publish without permission', async () => {
    const access = madeUpPolicy({ publish: (topic) => topic === 'no' });
    await start({ policies: { policyFor: () => access } });
    const { client } = await join();
    await client.publish({ topic: 'no', qos: 1 });
    await change({ access: { onDeniedPublish: 'disconnect' } });
    client.send(publish({ topic: 'no', qos: 1, packetId: 9 }));
    await client.whenClosed();
  });

  test('access.aclFile decides for those who are connected as well, until it is taken away', async () => {
    await start();
    const { client } = await join();
    expect(await client.subscribe(['a', 0], ['b', 0])).toEqual([0, 0]);
    const only = (topic: string) => ({ access: { aclFile: folder.write(topic, `topic ${topic}\n`) } });
    await change(only('a'));
    for (const topic of ['b', 'a']) await client.publish({ topic, qos: 1 });
    expect((await client.nextPublish()).topic).toBe('a');
    await change(only('b'));
    expect(await client.subscribe(['a', 0], ['b', 0])).toEqual([0x80, 0]);
    await change({});
    expect(await client.subscribe(['a', 0])).toEqual([0]);
  });

  test('authentication.failures ban those who fail from then on', async () => {
    const providers = [{ type: 'passwordFile' as const, file: folder.write('passwords', '') }];
    await start({ config: { authentication: { providers } } });
    const guess = async () =>
      (await join({ clientId: 'guesser', username: 'ann', password: 'guess' })).returnCode;
    expect([await guess(), await guess()]).toEqual([4, 4]);
    await change({ authentication: { providers, failures: { max: 1, trustedAddresses: [] } } });
    expect([await guess(), await guess()]).toEqual([4, 5]);
  });

  test('authentication.providers decide about those who connect from then on', async () => {
    const hash = await hashPassword('geheim');
    const listOf = (name: string) => ({
      authentication: {
        providers: [{ type: 'passwordFile' as const, name, file: folder.write(name, `${name}:${hash}\n`) }],
      },
    });
    const asUser = async (username: string) => (await join({ username, password: 'geheim' })).returnCode;
    await start({ config: listOf('ann') });
    const { client } = await join({ username: 'ann', password: 'geheim' });
    expect(await asUser('bob')).toBe(4);
    await change(listOf('bob'));
    expect([await asUser('ann'), await asUser('bob')]).toEqual([4, 0]);
    await client.ping();
  });

  test('sysTopics.intervalSeconds begins and ends the figures', async () => {
    await start({ config: { sysTopics: { intervalSeconds: 0 } } });
    const { client } = await join();
    await client.subscribe(['$SYS/broker/uptime', 0]);
    await change({ sysTopics: { intervalSeconds: 5 } });
    expect((await client.nextPublish()).payload).toBe('0 seconds');
    clock.advance(5000);
    expect((await client.nextPublish()).payload).toBe('5 seconds');
    await change({ sysTopics: { intervalSeconds: 0 } });
    clock.advance(5000);
    await client.expectSilence();
    const { client: later } = await join();
    await later.subscribe(['$SYS/#', 0]);
    await later.expectSilence();
  });
});

describe('what serves beside the listeners', () => {
  const scrape = async (path = 'metrics') =>
    (await fetch(`http://127.0.0.1:${broker.metricsPort}/${path}`)).text();

  test('metrics are switched on, with the canary, and off', async () => {
    await start();
    expect(broker.metricsPort).toBeUndefined();
    await change({ metrics: { enabled: true, port: 0 } });
    const rounds = async () =>
      Number(/surety_canary_round_trip_seconds_count (\d+)/.exec(await scrape())?.[1]);
    await waitUntil(async () => (await rounds()) === 1, 'the canary');
    await change({ metrics: { enabled: true, port: 0 }, health: { canary: { everySeconds: 5 } } });
    await waitUntil(async () => (await rounds()) === 2, 'another round');
    await change({
      metrics: { enabled: true, port: 0, host: 'localhost' },
      health: { canary: { enabled: false } },
    });
    expect([await rounds(), await scrape('livez')]).toEqual([2, 'alive\n']);
    await change({});
    expect(broker.metricsPort).toBeUndefined();
  });

  test('the admin API is switched on, is served with another certificate, and is switched off', async () => {
    const authority = await TestAuthority.create();
    const local = `${folder.path}/admin/local.json`;
    const certificate = () =>
      (JSON.parse(readFileSync(local, 'utf8')) as { certificate?: string }).certificate;
    const { cert, key } = await authority.issue();
    const tls = { certFile: folder.write('crt', cert), keyFile: folder.write('key', key) };
    const dataDir = folder.path;
    await start({ config: { dataDir }, clock: new SystemClock() });
    await change({ dataDir, admin: { enabled: true } });
    expect(certificate()).toBeUndefined();
    await change({ dataDir, admin: { enabled: true, tls } });
    expect(certificate()).toBe(cert);
    await broker.reload({
      dataDir,
      admin: { enabled: true, tls: { ...tls, keyFile: `${folder.path}/none` } },
    });
    expect([broker.faults(), certificate()]).toEqual([[expect.stringContaining("none doesn't exist")], cert]);
    await change({ dataDir });
    expect(existsSync(local)).toBe(false);
  });
});

test('a provider whose file is faulty leaves those before in force, and all else of the configuration', async () => {
  const hash = await hashPassword('geheim');
  const listOf = (content: string) => ({
    providers: [{ type: 'passwordFile' as const, file: folder.write('passwords', content) }],
  });
  await start({ config: { authentication: listOf(`ann:${hash}\n`) } });
  const missing = { type: 'passwordFile' as const, name: 'more', file: `${folder.path}/missing` };
  const { providers } = listOf(`ann:${hash}\n`);
  await broker.reload({ limits: { sessionsMax: 1 }, authentication: { providers: [missing, ...providers] } });
  expect(broker.faults()).toEqual([expect.stringContaining('missing is not there')]);
  const codes = [];
  for (const username of ['ann', 'ann', 'eve'])
    codes.push((await join({ username, password: 'geheim' })).returnCode);
  expect(codes).toEqual([0, 0, 4]);
});

test('what takes a restart stays as it was, and is named', async () => {
  await start();
  await broker.reload({ node: { name: 'other' }, limits: { sessionsMax: 1 } });
  expect(broker.needRestart()).toEqual(['node.name']);
  await join({ clientId: 'only' });
  expect((await join()).returnCode).toBe(3);
});

/** Asks for a WebSocket as a page of this origin. @returns the status of the answer. */
function askFrom(origin: string): Promise<number | undefined> {
  const headers = {
    ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', Origin: origin },
    ...{ 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol': 'mqtt' },
  };
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: broker.port, path: '/mqtt', headers });
    asking.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    asking.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('error', reject);
    asking.end();
  });
}
