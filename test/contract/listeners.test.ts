import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createWebSocketStream, WebSocket } from 'ws';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { PeerList } from '../../src/adapters/transport/peer-address.js';
import type { SocketListenerSettings } from '../../src/adapters/transport/socket-listener.js';
import { TlsCredentials } from '../../src/adapters/transport/tls-credentials.js';
import { TestAuthority } from '../support/certificates.js';
import {
  type Accepted,
  endListeners,
  keepSocket,
  type StartedListener,
  startListener,
  WEB_SOCKET,
} from '../support/listener-under-test.js';
import { makeFolder, type TestFolder } from '../support/test-folder.js';
import { waitUntil } from '../support/wait-until.js';

/** A client's end, in whatever transport: bytes in, bytes out. */
interface Dialed {
  readonly socket: Socket;
  readonly stream: Duplex;
}

const V1 = 'PROXY TCP4 203.0.113.7 198.51.100.1 56324 8883\r\n';
const V2 = Buffer.concat([
  Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
  Buffer.from([203, 0, 113, 7, 198, 51, 100, 1, 0xdc, 0x04, 0x22, 0xb3]),
]);

let folder: TestFolder;
let authority: TestAuthority;
let credentials: TlsCredentials;

beforeAll(async () => {
  folder = makeFolder();
  authority = await TestAuthority.create();
  const { cert, key } = await authority.issue();
  const files = {
    certFile: folder.write('cert.pem', cert),
    keyFile: folder.write('key.pem', key),
    crlFiles: [],
  };
  credentials = new TlsCredentials(
    { ...files, clientCertificates: 'off', minVersion: '1.2' },
    new SystemClock(),
  );
});
afterEach(endListeners);
afterAll(() => folder.remove());

const tcp = (port: number): Socket => connect({ host: '127.0.0.1', port });
const tls = (socket: Socket): Socket =>
  connectTls({ socket, ca: authority.cert, servername: 'localhost' }).on('error', () => undefined);
const webSocket = (socket: Socket): Duplex => {
  const client = new WebSocket('ws://localhost/mqtt', ['mqtt'], { createConnection: () => socket });
  return createWebSocketStream(client).on('error', () => undefined);
};
const proxied = (socket: Socket, header: string | Buffer): Socket => {
  socket.write(header);
  return socket;
};

interface Kind {
  readonly name: string;
  readonly scheme: string;
  readonly settings: () => Partial<SocketListenerSettings>;
  /** Puts the client's side of the transport on a socket. */
  readonly wrap: (socket: Socket) => Duplex;
  readonly address: string;
}

const LOCAL = '127.0.0.1';
const CLIENT = '203.0.113.7';
const proxies = new PeerList(['127.0.0.0/8', 'unix']);
const unix = () => ({ socketPath: `${folder.path}/mqtt.sock`, socketMode: 0o600 });
const KINDS: readonly Kind[] = [
  { name: 'TCP', scheme: 'mqtt:', settings: () => ({}), wrap: (socket) => socket, address: LOCAL },
  {
    name: 'Unix sockets',
    scheme: 'mqtt+unix:',
    settings: () => ({ address: unix() }),
    wrap: (socket) => socket,
    address: 'unix',
  },
  { name: 'TLS', scheme: 'mqtts:', settings: () => ({ credentials }), wrap: tls, address: LOCAL },
  {
    name: 'WebSocket',
    scheme: 'ws:',
    settings: () => ({ webSocket: WEB_SOCKET }),
    wrap: webSocket,
    address: LOCAL,
  },
  {
    name: 'secure WebSocket',
    scheme: 'wss:',
    settings: () => ({ webSocket: WEB_SOCKET, credentials }),
    wrap: (socket) => webSocket(tls(socket)),
    address: LOCAL,
  },
  {
    name: 'TCP behind a PROXY header of version 1',
    scheme: 'mqtt:',
    settings: () => ({ proxies }),
    wrap: (socket) => proxied(socket, V1),
    address: CLIENT,
  },
  {
    name: 'TLS on a Unix socket behind a PROXY header of version 2',
    scheme: 'mqtts+unix:',
    settings: () => ({ address: unix(), proxies, credentials }),
    wrap: (socket) => tls(proxied(socket, V2)),
    address: CLIENT,
  },
  {
    name: 'WebSocket behind a PROXY header of version 2',
    scheme: 'ws:',
    settings: () => ({ proxies, webSocket: WEB_SOCKET }),
    wrap: (socket) => webSocket(proxied(socket, V2)),
    address: CLIENT,
  },
  {
    name: 'secure WebSocket behind a PROXY header of version 1',
    scheme: 'wss:',
    settings: () => ({ proxies, webSocket: WEB_SOCKET, credentials }),
    wrap: (socket) => webSocket(tls(proxied(socket, V1))),
    address: CLIENT,
  },
];

describe.each(KINDS)('a listener for $name', ({ scheme, settings, wrap, address }) => {
  const start = () => startListener(settings());
  const listenerSocket = ({ listener }: StartedListener): Socket =>
    keepSocket(listener.port === 0 ? connect({ path: unix().socketPath }) : tcp(listener.port));
  const dial = async (each: StartedListener): Promise<Dialed & { accepted: Accepted }> => {
    const { acceptor } = each;
    const socket = listenerSocket(each);
    const count = acceptor.accepted.length;
    const stream = wrap(socket);
    await waitUntil(() => acceptor.accepted.length > count, 'a stream');
    return { socket, stream, accepted: acceptor.accepted[count]! };
  };

  test('names its address, and the client where it comes from', async () => {
    const each = await start();
    const { accepted } = await dial(each);
    expect(each.url.startsWith(scheme)).toBe(true);
    expect(each.acceptor.listener).toEqual({ name: each.url, anonymousAllowed: true, limits: {} });
    expect(accepted.stream.remoteAddress).toBe(address);
    expect(accepted.stream.certificate).toBeUndefined();
  });

  test('carries bytes in order both ways, and stops and goes on when it is told to', async () => {
    const { stream, accepted } = await dial(await start());
    const got = (): string => Buffer.concat(accepted.received).toString();
    stream.write('one');
    await waitUntil(() => got() === 'one', 'the first bytes');
    accepted.stream.pause();
    stream.write('two');
    await new Promise<void>((resolve) => stream.write('three', () => resolve()));
    accepted.stream.resume();
    await waitUntil(() => got() === 'onetwothree', 'the rest');
    let read = '';
    stream.on('data', (bytes: Buffer) => (read += bytes.toString()));
    for (const part of ['a', 'b'.repeat(100_000), 'c']) accepted.stream.write(Buffer.from(part));
    await waitUntil(() => read === `a${'b'.repeat(100_000)}c`, 'the bytes');
  });

  test('counts what the network has not taken, and tells when it has', async () => {
    const { stream, accepted } = await dial(await start());
    const block = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 20; i += 1) accepted.stream.write(block);
    expect(accepted.stream.waitingBytes).toBeGreaterThan(1_000_000);
    let read = 0;
    stream.on('data', (bytes: Buffer) => (read += bytes.length));
    await waitUntil(() => read === 20_000_000, 'all bytes');
    await waitUntil(() => accepted.written === 20, 'all writes to be told of');
    expect(accepted.stream.waitingBytes).toBe(0);
  });

  test('sends what waits before our side ends', async () => {
    const { socket, stream, accepted } = await dial(await start());
    let read = '';
    stream.on('data', (bytes: Buffer) => (read += bytes.toString()));
    accepted.stream.write(Buffer.from('last words'));
    accepted.stream.end();
    await waitUntil(() => socket.readableEnded || socket.destroyed, 'the end');
    await waitUntil(() => read === 'last words', 'what was sent before it');
  });

  test('tells once that both sides have ended, in order or not', async () => {
    const each = await start();
    const [ordered, cut, destroyed] = [await dial(each), await dial(each), await dial(each)];
    ordered.stream.on('data', () => undefined);
    ordered.stream.end();
    cut.socket.destroy();
    destroyed.accepted.stream.destroy();
    const { accepted, ends } = each.acceptor;
    await waitUntil(() => accepted.every(({ closed }) => closed === 1), 'all ends');
    await waitUntil(() => destroyed.socket.destroyed, 'the other end');
    expect([accepted.map(({ closed }) => closed), ends]).toEqual([[1, 1, 1], []]);
  });

  test('lets a connection go that has no place, before it costs anything more', async () => {
    const each = await start();
    each.acceptor.policy = 'no-place';
    const socket = listenerSocket(each);
    wrap(socket);
    await waitUntil(() => socket.destroyed, 'the end');
    expect(each.acceptor.accepted).toEqual([]);
  });

  test('ends a connection that is told to end before it is a stream, and tells that it has left', async () => {
    const each = await start();
    const { acceptor } = each;
    const socket = listenerSocket(each);
    await waitUntil(() => acceptor.arrivals.length === 1, 'the arrival');
    acceptor.arrivals[0]!.destroy();
    await waitUntil(() => socket.destroyed, 'the end');
    await waitUntil(() => acceptor.ends[0] === 'left' || acceptor.accepted[0]?.closed === 1, 'the leave');
  });
});
