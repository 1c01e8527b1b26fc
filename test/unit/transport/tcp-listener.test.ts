import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type {
  ByteStream,
  StreamAcceptor,
  StreamListener,
} from '../../../src/application/ports/byte-stream.js';
import { TcpListener } from '../../../src/adapters/transport/tcp-listener.js';
import { waitUntil } from '../../support/wait-until.js';

/** One accepted connection, and what its listener was told. */
interface Accepted {
  readonly stream: ByteStream;
  readonly name: string;
  readonly anonymousAllowed: boolean;
  readonly received: Buffer[];
  written: number;
  closed: number;
}

const listeners: TcpListener[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) listener.stop();
});

const start = async (isRefusing = false) => {
  const accepted: Accepted[] = [];
  const asked: string[] = [];
  const acceptor: StreamAcceptor = {
    admit: (remoteAddress, { name, anonymousAllowed }) => {
      asked.push(remoteAddress);
      if (isRefusing) return undefined;
      const accept = (stream: ByteStream): StreamListener => {
        const each: Accepted = { stream, name, anonymousAllowed, received: [], written: 0, closed: 0 };
        accepted.push(each);
        return {
          received: (bytes) => void each.received.push(Buffer.from(bytes)),
          written: () => (each.written += 1),
          closed: () => (each.closed += 1),
        };
      };
      return { accept, release: () => undefined };
    },
  };
  const listener = new TcpListener({ host: '127.0.0.1', port: 0, anonymousAllowed: true }, acceptor);
  listeners.push(listener);
  const url = await listener.start();
  const dial = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    sockets.push(socket);
    socket.on('error', () => undefined);
    const count = asked.length;
    await waitUntil(() => asked.length > count, 'a connection');
    return socket;
  };
  return { listener, url, accepted, asked, dial };
};

describe('a TCP listener', () => {
  test('names the address that it has taken', async () => {
    const { listener, url, accepted, dial } = await start();
    expect(url).toBe(`mqtt://127.0.0.1:${listener.port}`);
    await dial();
    expect(accepted[0]).toMatchObject({ name: url, anonymousAllowed: true });
    expect(accepted[0]!.stream.remoteAddress).toBe('127.0.0.1');
  });

  test('says what to do when its port is taken', async () => {
    const { listener } = await start();
    const second = new TcpListener(
      { host: '127.0.0.1', port: listener.port, anonymousAllowed: true },
      { admit: () => undefined },
    );
    await expect(second.start()).rejects.toThrow(
      `127.0.0.1:${listener.port} is taken by another program: stop it, or set another port (SURETY_PORT)`,
    );
  });

  test('takes no more connections once it is stopped, and leaves those there are alone', async () => {
    const { listener, accepted, dial } = await start();
    const socket = await dial();
    const { port } = listener;
    listener.stop();
    const late = connect({ host: '127.0.0.1', port });
    sockets.push(late);
    await new Promise((resolve) => late.once('error', resolve));
    socket.write('still here');
    await waitUntil(() => accepted[0]!.received.length > 0, 'bytes');
    expect(accepted).toHaveLength(1);
  });

  test('lets a connection go that nobody accepts', async () => {
    const { dial, asked, accepted } = await start(true);
    const socket = await dial();
    await waitUntil(() => socket.destroyed, 'the end');
    expect([asked, accepted]).toEqual([['127.0.0.1'], []]);
  });
});

describe('a TCP stream', () => {
  test('hands over what comes, and stops and goes on when it is told to', async () => {
    const { accepted, dial } = await start();
    const socket = await dial();
    const [{ stream, received }] = accepted as [Accepted];
    socket.write('one');
    await waitUntil(() => Buffer.concat(received).toString() === 'one', 'the first bytes');
    stream.pause();
    socket.write('two');
    await new Promise<void>((resolve) => socket.write('three', () => resolve()));
    expect(Buffer.concat(received).toString()).toBe('one');
    stream.resume();
    await waitUntil(() => Buffer.concat(received).toString() === 'onetwothree', 'the rest');
  });

  test('counts what the network has not taken, and tells when it has', async () => {
    const { accepted, dial } = await start();
    const socket = await dial();
    socket.pause();
    const [each] = accepted as [Accepted];
    const block = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 20; i += 1) each.stream.write(block);
    expect(each.stream.waitingBytes).toBeGreaterThan(1_000_000);
    let read = 0;
    socket.on('data', (bytes: Buffer) => (read += bytes.length));
    socket.resume();
    await waitUntil(() => read === 20_000_000, 'all bytes');
    await waitUntil(() => each.written === 20, 'all writes to be told of');
    expect(each.stream.waitingBytes).toBe(0);
  });

  test('sends what waits before our side ends', async () => {
    const { accepted, dial } = await start();
    const socket = await dial();
    const [{ stream }] = accepted as [Accepted];
    let read = '';
    socket.on('data', (bytes: Buffer) => (read += bytes.toString()));
    stream.write(Buffer.from('last words'));
    stream.end();
    await waitUntil(() => socket.readableEnded, 'the end');
    expect(read).toBe('last words');
  });

  test('tells once that both sides have ended, in order or not', async () => {
    const { accepted, dial } = await start();
    const [ordered, reset, destroyed] = [await dial(), await dial(), await dial()];
    ordered.end();
    reset.resetAndDestroy();
    accepted[2]!.stream.destroy();
    await waitUntil(() => accepted.every(({ closed }) => closed === 1), 'all ends');
    await waitUntil(() => destroyed.destroyed, 'the other end');
    expect(accepted.map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });
});
