import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocketListener } from '../../../src/adapters/transport/websocket-listener.js';
import type { Admission } from '../../../src/application/ports/byte-stream.js';
import { waitUntil } from '../../support/wait-until.js';

const listeners: WebSocketListener[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) listener.stop();
});

test('a WebSocket connection has its place before it asks for the upgrade, and gives it back when it goes', async () => {
  const asked: string[] = [];
  let held = 0;
  const admit = (remoteAddress: string): Admission | undefined => {
    asked.push(remoteAddress);
    if (held === 2) return undefined;
    held += 1;
    return { accept: () => ({ received() {}, written() {}, closed() {} }), release: () => (held -= 1) };
  };
  const listener = new WebSocketListener(
    {
      ...{ host: '127.0.0.1', port: 0, anonymousAllowed: true, path: '/mqtt' },
      ...{ messageBytesMax: 65_536, upgradeMs: 10_000 },
    },
    { admit },
  );
  listeners.push(listener);
  await listener.start();
  const dial = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    const count = asked.length;
    await waitUntil(() => asked.length > count, 'a connection');
    return socket;
  };
  const [silent] = [await dial(), await dial()];
  const third = await dial();
  await waitUntil(() => third.destroyed, 'the third connection to be cut');
  expect([asked, held]).toEqual([['127.0.0.1', '127.0.0.1', '127.0.0.1'], 2]);
  silent.destroy();
  await waitUntil(() => held === 1, 'the place to be given back');
});
