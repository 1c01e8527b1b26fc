import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';
import { connect, disconnect, puback } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 60_000);
afterAll(() => database.drop());
afterEach(endBrokerProcesses);

/** Runs a command that has to succeed. */
async function surety(env: Record<string, string>, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runSurety(args, { env });
  if (code !== 0) throw new Error(`surety ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function arrive(port: number, clientId: string): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.send(connect({ clientId, cleanSession: false }));
  await client.take('connack');
  return client;
}

test('an auditor makes a key, follows a message, exports the trail, and verifies it without the broker', async () => {
  const folder = temporaryFolder();
  const key = join(folder, 'checkpoint-key.pem');
  const config = join(folder, 'surety.yaml');
  writeFileSync(
    config,
    `audit:\n  messages: ['plant/#', 'hall/+']\n  checkpoints:\n    keyFile: ${key}\n    everySeconds: 1\n`,
  );
  const env = { SURETY_PERSISTENCE: 'postgres', SURETY_DATABASE_URL: database.url, SURETY_DATA_DIR: folder };
  expect(await surety({}, 'audit', 'keygen', '--out', folder)).toContain(`private key: ${key}`);

  const broker = await startBrokerProcess({ env, args: ['--config', config] });
  const [reader, pump] = [await arrive(broker.port, 'reader'), await arrive(broker.port, 'pump')];
  await reader.subscribe(['plant/#', 1]);
  await pump.publish({ topic: 'plant/7', payload: 'hello', qos: 1 });
  reader.send(puback((await reader.take('publish')).packetId));
  reader.send(disconnect());
  await reader.whenClosed();
  await pump.publish({ topic: 'hall/3', payload: 'nobody', qos: 1 });
  await pump.publish({ topic: 'plant/8', payload: 'later', qos: 1 });

  const withConfig = ['--config', config];
  const search = await surety(
    env,
    'audit',
    'search',
    ...withConfig,
    '--client',
    'reader',
    '--kind',
    'session.created',
  );
  expect(
    search
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind),
  ).toEqual(['session.created']);
  const found = await surety(env, 'audit', 'search', ...withConfig, '--topic', 'hall/3');
  expect(JSON.parse(found)).toMatchObject({ kind: 'messages.published', details: { topics: ['hall/3'] } });
  expect(await broker.stop()).toEqual({ code: 0, signal: null });

  const told = await surety(env, 'audit', 'trail', ...withConfig, '--topic', '#', '--json');
  const stories = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { topic: string; receivers: object[] });
  expect(stories).toMatchObject([
    {
      topic: 'plant/7',
      qos: 1,
      bytes: 5,
      publisher: { clientId: 'pump' },
      receivers: [{ clientId: 'reader', state: 'acknowledged' }],
    },
    { topic: 'hall/3', receivers: [] },
    { topic: 'plant/8', receivers: [{ clientId: 'reader', state: 'waiting' }] },
  ]);

  const exported = join(folder, 'trail.jsonl');
  writeFileSync(exported, await surety(env, 'audit', 'export', ...withConfig));
  const checkpoints = join(folder, 'copy.jsonl');
  copyFileSync(join(folder, 'audit', 'checkpoints.jsonl'), checkpoints);
  const elsewhere = [
    '--export',
    exported,
    '--public-key',
    join(folder, 'checkpoint-key.pub.pem'),
    '--checkpoints',
    checkpoints,
  ];
  await surety({}, 'audit', 'verify', ...elsewhere);
  await surety(env, 'audit', 'verify', ...withConfig);
  expect(await surety({}, 'audit', 'trail', '--topic', '#', '--export', exported, '--json')).toBe(told);
  expect(await surety({}, 'audit', 'trail', '--topic', 'plant/8', '--export', exported)).toMatch(
    /reader +\d+ +1 +waiting/,
  );

  writeFileSync(exported, readFileSync(exported, 'utf8').replace('"hall/3"', '"hall/4"'));
  expect((await runSurety(['audit', 'verify', ...elsewhere], {})).code).toBe(1);
}, 90_000);
