import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Config } from '../../src/adapters/config/config.js';
import type { PostgresStorage } from '../../src/adapters/postgres/postgres-storage.js';
import { AuditKeeping } from '../../src/audit-keeping.js';
import { ManualClock } from '../support/manual-clock.js';
import { silentLogger } from '../support/silent-logger.js';
import { waitUntil } from '../support/wait-until.js';

let dataDir: string;
let logged: string[];
const servers: Server[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'keeping-'));
  logged = [];
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(dataDir, { recursive: true });
});

function keep(keyFile?: string, storage: object = {}, syslog: object = {}): AuditKeeping {
  const checkpoints = { keyFile, everyRecords: 1, everySeconds: 10 };
  const audit = { enabled: true, retentionDays: 0, checkpoints, syslog };
  const config = { audit, dataDir, node: { name: 'a' } } as unknown as Config;
  const logger = { ...silentLogger, warn: (message: string) => logged.push(message) };
  return new AuditKeeping(config, storage as PostgresStorage, { clock: new ManualClock(), logger });
}

test('a key that the configuration names and that is not there fails the start, and none is made', () => {
  const keyFile = join(dataDir, 'named.pem');
  expect(() => keep(keyFile)).toThrow(`audit.checkpoints.keyFile names ${keyFile}, which is not there`);
  expect(existsSync(keyFile)).toBe(false);
});

test('a key that nobody has named is made once, which the log says', () => {
  keep();
  keep();
  expect(existsSync(join(dataDir, 'audit', 'checkpoint-key.pem'))).toBe(true);
  expect(logged).toEqual(['a key that signs checkpoints was made']);
});

test('checkpoints go to another syslog server when one is named, and to none when none is', async () => {
  const head = { sequence: 0, hash: new Uint8Array(32) };
  let tell: (end: typeof head) => void = () => undefined;
  const trail = { head, onCommitted: (listener: typeof tell) => (tell = listener) };
  // What is due while a checkpoint is written waits for the next tick, and here is none.
  const commit = async () => {
    head.sequence++;
    tell(head);
    await waitUntil(() => keeping.checkpoints.signedSequence === head.sequence, 'the checkpoint to be kept');
  };
  const [first, second] = [await listen(), await listen()];
  const keeping = keep(undefined, { trail }, { url: first.url });
  keeping.checkpoints.start();
  await commit();
  await waitUntil(() => first.text.includes('"sequence":1'), 'a checkpoint at the first');
  keeping.moveSyslog({ url: second.url });
  await commit();
  await waitUntil(() => second.text.includes('"sequence":2'), 'a checkpoint at the second');
  await waitUntil(() => first.isEnded, 'the end of the first connection');
  keeping.moveSyslog({});
  await commit();
  await keeping.checkpoints.stop();
  await waitUntil(() => second.isEnded, 'the end of the second connection');
  expect([first.text, second.text].map((text) => text.match(/"sequence":\d/g))).toEqual([
    ['"sequence":1'],
    ['"sequence":2'],
  ]);
  expect(keeping.syslogDropped).toBe(0);
});

/** A syslog server that keeps what it is told. */
async function listen() {
  const told = { text: '', isEnded: false, url: '' };
  const server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => (told.text += chunk.toString()));
    socket.on('end', () => (told.isEnded = true));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  told.url = `syslog+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return told;
}
