import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { afterEach, expect, test } from '@jest/globals';
import { SocketListener } from '../../../src/adapters/transport/socket-listener.js';
import { makeFolder, type TestFolder } from '../../support/test-folder.js';
import { PLAIN, RecordingAcceptor } from '../../support/listener-under-test.js';

const folders: TestFolder[] = [];
const listeners: SocketListener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const makeSocketPath = (): string => {
  const folder = makeFolder();
  folders.push(folder);
  return `${folder.path}/mqtt.sock`;
};
const listenerAt = (socketPath: string, socketMode = 0o660): SocketListener => {
  const listener = new SocketListener(
    { ...PLAIN, address: { socketPath, socketMode } },
    new RecordingAcceptor(),
  );
  listeners.push(listener);
  return listener;
};

test('a Unix socket has the mode that is set, and is gone when the listener stops', async () => {
  const path = makeSocketPath();
  const listener = listenerAt(path, 0o620);
  expect(await listener.start()).toBe(`mqtt+unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o620);
  listener.stop();
  expect(existsSync(path)).toBe(false);
});

test('a socket that a dead program has left behind is replaced', async () => {
  const path = makeSocketPath();
  const dies = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', dies], { timeout: 10_000 });
  expect(statSync(path).isSocket()).toBe(true);
  await listenerAt(path).start();
  const socket = connect({ path });
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
});

test('a socket that a program listens on is left alone, and so is what is no socket', async () => {
  const path = makeSocketPath();
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(listenerAt(path).start()).rejects.toThrow(
    `${path} is taken by another program: stop it, or set another socketPath`,
  );
  const file = `${path}.txt`;
  writeFileSync(file, 'kept');
  await expect(listenerAt(file).start()).rejects.toThrow(`${file} exists and is no socket`);
  await expect(listenerAt(`${path}.d/x.sock`).start()).rejects.toThrow(/the folder .* doesn't exist/);
  expect(server.listening && existsSync(file)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

test('a port that is taken is named, with what to do', async () => {
  const first = new SocketListener(PLAIN, new RecordingAcceptor());
  listeners.push(first);
  expect(await first.start()).toBe(`mqtt://127.0.0.1:${first.port}`);
  const second = new SocketListener(
    { ...PLAIN, address: { host: '127.0.0.1', port: first.port } },
    new RecordingAcceptor(),
  );
  await expect(second.start()).rejects.toThrow(
    `127.0.0.1:${first.port} is taken by another program: stop it, or set another port (SURETY_PORT)`,
  );
});
