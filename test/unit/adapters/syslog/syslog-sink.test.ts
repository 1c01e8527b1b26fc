import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { syslogFrame } from '../../../../src/adapters/syslog/syslog-frame.js';
import { SyslogSink } from '../../../../src/adapters/syslog/syslog-sink.js';
import type { Logger } from '../../../../src/application/ports/logger.js';
import { checkpointLine, type SignedCheckpoint } from '../../../../src/domain/audit/checkpoint.js';
import { waitUntil } from '../../../support/wait-until.js';

const file = (name: string) =>
  fileURLToPath(new URL(`../../../support/certificates/${name}`, import.meta.url));
const certificate = file('localhost.pem');

function checkpoint(sequence: number): SignedCheckpoint {
  const hash = 'ab'.repeat(32);
  return {
    node: 'node ä',
    sequence,
    hash,
    atMs: 1_700_000_000_000,
    key: '0123456789abcdef',
    signature: 'AA==',
  };
}

/** A syslog server that takes frames by their length. */
class FakeSyslog {
  received = '';
  private readonly sockets = new Set<Socket>();
  private server: Server;

  constructor(isTls: boolean) {
    const take = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.setEncoding('utf8').on('data', (text) => (this.received += String(text)));
      socket.on('error', () => undefined);
    };
    const options = { key: readFileSync(file('localhost.key.pem')), cert: readFileSync(certificate) };
    this.server = isTls ? createTlsServer(options, take) : createServer(take);
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get messages(): string[] {
    const messages = [];
    let bytes = Buffer.from(this.received);
    while (bytes.length > 0) {
      const space = bytes.indexOf(' ');
      const end = space + 1 + Number(bytes.subarray(0, space).toString());
      messages.push(bytes.subarray(space + 1, end).toString());
      bytes = bytes.subarray(end);
    }
    return messages;
  }
}

let logged: string[];
let logger: Logger;
let sink: SyslogSink | undefined;
let server: FakeSyslog;

beforeEach(() => {
  logged = [];
  const log = (level: string) => (message: string) => logged.push(`${level} ${message}`);
  logger = { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
});
afterEach(async () => {
  await sink?.close();
  await server.stop();
});

test.each([
  ['TCP', 'syslog+tcp', undefined],
  ['TLS', 'syslog+tls', certificate],
])('checkpoints are sent over %s, framed by their length', async (_, scheme, caFile) => {
  server = new FakeSyslog(scheme === 'syslog+tls');
  sink = new SyslogSink({ url: `${scheme}://127.0.0.1:${await server.listen()}`, caFile, logger });
  await sink.append(checkpoint(1));
  await sink.append(checkpoint(2));
  await waitUntil(() => server.messages.length === 2, 'two messages');
  const head = `<109>1 2023-11-14T22:13:20.000Z node__ surety ${process.pid} checkpoint - `;
  expect(server.messages).toEqual([1, 2].map((n) => `${head}${checkpointLine(checkpoint(n))}`));
});

test('a server with a certificate that nobody has vouched for gets nothing', async () => {
  server = new FakeSyslog(true);
  sink = new SyslogSink({
    url: `syslog+tls://127.0.0.1:${await server.listen()}`,
    caFile: undefined,
    logger,
  });
  await sink.append(checkpoint(1));
  await waitUntil(() => logged.length > 0, 'the complaint');
  expect([logged, server.received]).toEqual([
    ['error the syslog server can not be reached: checkpoints wait for it'],
    '',
  ]);
});

test('what came while the server was away is sent when it is back, in order', async () => {
  server = new FakeSyslog(false);
  const port = await server.listen();
  await server.stop();
  sink = new SyslogSink({ url: `syslog+tcp://127.0.0.1:${port}`, caFile: undefined, logger, retryMs: 5 });
  for (const n of [1, 2, 3]) await sink.append(checkpoint(n));
  await waitUntil(() => logged.length > 0, 'the complaint');
  server = new FakeSyslog(false);
  await server.listen(port);
  await waitUntil(() => server.messages.length === 3, 'three messages');
  expect(server.messages.map((text) => /"sequence":(\d)/.exec(text)?.[1])).toEqual(['1', '2', '3']);
  expect(logged).toEqual([
    'error the syslog server can not be reached: checkpoints wait for it',
    'warn the syslog server is back',
  ]);
});

test('past the limit the oldest are given up, which is counted and told of once', async () => {
  server = new FakeSyslog(false);
  const port = await server.listen();
  await server.stop();
  sink = new SyslogSink({ url: `syslog+tcp://127.0.0.1:${port}`, caFile: undefined, logger });
  for (let n = 1; n <= 1010; n++) await sink.append(checkpoint(n));
  expect(sink.dropped).toBe(10);
  expect(logged.filter((line) => line.includes('given up'))).toHaveLength(1);
  server = new FakeSyslog(false);
  await server.listen();
});

test('a stop sends what is left', async () => {
  server = new FakeSyslog(false);
  sink = new SyslogSink({
    url: `syslog+tcp://127.0.0.1:${await server.listen()}`,
    caFile: undefined,
    logger,
  });
  await sink.append(checkpoint(1));
  await waitUntil(() => server.messages.length === 1, 'the first');
  await sink.append(checkpoint(2));
  await sink.close();
  await waitUntil(() => server.messages.length === 2, 'the second');
});

test('a stop sends what waits for a connection that is being made', async () => {
  server = new FakeSyslog(false);
  const url = `syslog+tcp://127.0.0.1:${await server.listen()}`;
  sink = new SyslogSink({ url, caFile: undefined, logger });
  await sink.append(checkpoint(1));
  await sink.close();
  await waitUntil(() => server.messages.length === 1, 'the only one');
});

test('a stop sends what waits for a connection that is full', async () => {
  server = new FakeSyslog(false);
  const url = `syslog+tcp://127.0.0.1:${await server.listen()}`;
  sink = new SyslogSink({ url, caFile: undefined, logger });
  await sink.append(checkpoint(0));
  await waitUntil(() => server.messages.length === 1, 'the first');
  for (let n = 1; n <= 500; n++) await sink.append(checkpoint(n));
  await sink.close();
  await waitUntil(() => server.messages.length === 501, 'all');
});

test('a stop while the server refuses leaves no timer that holds the process', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  server = new FakeSyslog(false);
  const port = await server.listen();
  await server.stop();
  sink = new SyslogSink({ url: `syslog+tcp://127.0.0.1:${port}`, caFile: undefined, logger });
  const before = timers();
  await sink.append(checkpoint(1));
  await sink.close();
  expect(timers()).toBe(before);
  server = new FakeSyslog(false);
  await server.listen();
});

test('a frame counts bytes, not characters, and names what has no name with a hyphen', async () => {
  server = new FakeSyslog(false);
  await server.listen();
  const frame = syslogFrame({ atMs: 0, hostname: '', processId: 1, messageId: 'x' }, 'ä').toString();
  expect(frame).toBe('49 <109>1 1970-01-01T00:00:00.000Z - surety 1 x - ä');
});
