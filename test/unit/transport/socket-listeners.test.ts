import { existsSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogFields } from '../../../src/application/ports/logger.js';
import type { SocketListenerSettings } from '../../../src/adapters/transport/socket-listener.js';
import { SocketListeners } from '../../../src/adapters/transport/socket-listeners.js';
import {
  endListeners,
  keepSocket,
  PLAIN,
  RecordingAcceptor,
  WEB_SOCKET,
} from '../../support/listener-under-test.js';
import { silentLogger } from '../../support/silent-logger.js';
import { makeFolder, type TestFolder } from '../../support/test-folder.js';
import { waitUntil } from '../../support/wait-until.js';

let acceptor: RecordingAcceptor;
let listeners: SocketListeners;
let lines: string[];
let folder: TestFolder;
const servers: Server[] = [];

const start = (...settings: readonly SocketListenerSettings[]): Promise<readonly string[]> => {
  const info = (message: string, fields: LogFields = {}): void =>
    void lines.push([message, ...Object.values(fields)].join(' '));
  listeners = new SocketListeners(settings, acceptor, { ...silentLogger, info });
  return listeners.start();
};
const at = (port: number, changes: Partial<SocketListenerSettings> = {}): SocketListenerSettings => ({
  ...PLAIN,
  address: { host: '127.0.0.1', port },
  ...changes,
});
const socketAt = (socketPath: string, socketMode = 0o660) => ({
  ...PLAIN,
  address: { socketPath, socketMode },
});
const take = async (...settings: readonly SocketListenerSettings[]): Promise<void> =>
  (await listeners.prepare(settings)).apply();
/** A port that nothing listens at, and another program's that something does. */
const otherPort = async (isTaken: boolean): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  if (isTaken) servers.push(server);
  else await new Promise((resolve) => server.close(resolve));
  return port;
};
/** @returns the socket of a client whose connection was taken, or undefined where nobody listens. */
const dial = async (
  where: { port: number; host: string } | { path: string },
): Promise<Socket | undefined> => {
  const socket = keepSocket(connect(where));
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  return isThere ? socket : undefined;
};
const dialPort = (port: number, host = '127.0.0.1') => dial({ port, host });

beforeEach(() => {
  [acceptor, lines, folder] = [new RecordingAcceptor(), [], makeFolder()];
});
afterEach(() => {
  listeners.stop();
  endListeners();
  for (const server of servers.splice(0)) server.close();
  folder.remove();
});

describe('a listener', () => {
  test('that is added listens, and one that is taken away listens no more; those it has taken go on', async () => {
    await start(at(0));
    const first = listeners.port;
    await dialPort(first);
    await waitUntil(() => acceptor.accepted.length === 1, 'a stream');
    const second = await otherPort(false);
    await take(at(second));
    expect([await dialPort(first), listeners.port]).toEqual([undefined, second]);
    expect(await dialPort(second)).toBeDefined();
    expect(acceptor.accepted[0]?.closed).toBe(0);
    expect(lines).toEqual([
      `listening mqtt://127.0.0.1:${second}`,
      `no longer listening mqtt://127.0.0.1:${first}`,
    ]);
  });

  test('whose address stays goes on at its port, wherever it stands in the list', async () => {
    await start(at(0), at(0));
    const first = listeners.port;
    await take(socketAt(`${folder.path}/s`), at(0));
    expect([await dialPort(first), lines.length]).toEqual([expect.anything(), 2]);
    await take(at(0, { webSocket: WEB_SOCKET }));
    expect([listeners.port, existsSync(`${folder.path}/s`)]).toEqual([first, false]);
  });

  test('takes a new place in the way of its old one', async () => {
    const port = await otherPort(false);
    await start(at(port));
    await take(at(port, { address: { host: '0.0.0.0', port } }));
    expect(await dialPort(port, '127.0.0.2')).toBeDefined();
    await take(socketAt(`${folder.path}/s`, 0o600));
    await take(socketAt(`${folder.path}/s`, 0o660));
    expect(statSync(`${folder.path}/s`).mode & 0o777).toBe(0o660);
  });
});

describe('an address that can not be had', () => {
  test('leaves all as it was, also what was in the way', async () => {
    const port = await otherPort(false);
    await start(at(port), socketAt(`${folder.path}/old`));
    const added = socketAt(`${folder.path}/new`);
    const wide = at(port, { address: { host: '0.0.0.0', port } });
    const taken = at(await otherPort(true));
    await expect(listeners.prepare([added, wide, taken])).rejects.toThrow('is taken by another program');
    expect(existsSync(`${folder.path}/new`)).toBe(false);
    expect([await dialPort(port), await dialPort(port, '127.0.0.2')]).toEqual([expect.anything(), undefined]);
    expect(await dial({ path: `${folder.path}/old` })).toBeDefined();
    expect(lines).toEqual([]);
  });

  test('of something else lets go of those that could be had', async () => {
    await start(at(0));
    const { port } = listeners;
    const added = await otherPort(false);
    (await listeners.prepare([at(added)])).discard?.();
    expect([await dialPort(added), await dialPort(port)]).toEqual([undefined, expect.anything()]);
  });
});

test('connections keep what they came by, name and all', async () => {
  await start(at(0));
  const { port } = listeners;
  await dialPort(port);
  await waitUntil(() => acceptor.accepted.length === 1, 'a stream');
  const before = acceptor.listener;
  await take(at(0, { webSocket: WEB_SOCKET, anonymousAllowed: false }));
  await dialPort(port);
  await waitUntil(() => acceptor.arrivals.length === 2, 'an arrival');
  expect([before, acceptor.listener]).toMatchObject([
    { name: `mqtt://127.0.0.1:${port}`, anonymousAllowed: true },
    { name: `ws://127.0.0.1:${port}/mqtt`, anonymousAllowed: false },
  ]);
});
