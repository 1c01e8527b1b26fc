import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import {
  type BrokerProcess,
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';
import { waitUntil } from '../support/wait-until.js';

afterEach(endBrokerProcesses);

/** The embedded PostgreSQL is made anew for each test. */
const TEST_MS_MAX = 60_000;

describe('the data of a broker with its defaults', () => {
  test(
    'survives kill -9: sessions, queued messages, retained messages, and the will of who was cut off',
    async () => {
      const env = databaseEnv();
      const first = await startBrokerProcess({ env });
      const subscriber = await connect(first, { clientId: 'reader', clean: false });
      await subscriber.subscribeAsync('a/#', { qos: 2 });
      await subscriber.endAsync();
      const will = { topic: 'a/will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
      const publisher = await connect(first, { clientId: 'writer', clean: false, will });
      await publisher.publishAsync('a/1', 'one', { qos: 1 });
      await publisher.publishAsync('a/2', 'two', { qos: 2 });
      await publisher.publishAsync('b/kept', 'kept', { qos: 1, retain: true });
      first.signal('SIGKILL');
      await first.exited;
      publisher.end(true);

      const second = await startBrokerProcess({ env });
      const received: string[] = [];
      const again = mqtt.connect(url(second), { clientId: 'reader', clean: false, reconnectPeriod: 0 });
      again.on('message', (topic, payload) => received.push(`${topic}=${payload.toString()}`));
      const present = new Promise<boolean>((resolve) =>
        again.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
      );
      expect(await present).toBe(true);
      await waitUntil(() => received.length >= 3, 'the queued messages');
      await again.subscribeAsync('b/#', { qos: 1 });
      await waitUntil(() => received.length >= 4, 'the retained message');
      // Quality 2 is handed out a round trip later: the order between qualities is open.
      expect(received.sort()).toEqual(['a/1=one', 'a/2=two', 'a/will=gone', 'b/kept=kept']);
      await again.endAsync();
    },
    TEST_MS_MAX,
  );

  test(
    'belongs to one broker: a second one, and a migration, are refused while it runs',
    async () => {
      const env = databaseEnv();
      const first = await startBrokerProcess({ env });
      expect(first.readyLine).toContain(env['SURETY_DATA_DIR']);
      for (const command of ['start', 'migrate']) {
        const second = await runSurety([command], { env });
        expect(second).toMatchObject({ code: 1, stdout: '' });
        expect(second.stderr).toMatch(/another broker is running/);
      }
    },
    TEST_MS_MAX,
  );

  test(
    'is brought to the newest version by surety migrate, once',
    async () => {
      const env = databaseEnv();
      const first = await runSurety(['migrate'], { env });
      expect(first).toMatchObject({ code: 0 });
      expect(first.stdout).toContain('applied create_broker_state');
      expect(await runSurety(['migrate'], { env })).toMatchObject({
        code: 0,
        stdout: 'the database is up to date\n',
      });
    },
    TEST_MS_MAX,
  );
});

describe('a database that can’t be used ends the start with what to do, and exit code 1', () => {
  test('a data directory that is a file', async () => {
    const file = join(temporaryFolder(), 'data');
    writeFileSync(file, '');
    const ended = await runSurety(['start'], { env: { ...databaseEnv(), SURETY_DATA_DIR: file } });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(file);
  });

  test(
    'a server that isn’t there',
    async () => {
      const env = { ...databaseEnv(), SURETY_DATABASE_URL: 'postgres://surety:secret@127.0.0.1:1/surety' };
      const ended = await runSurety(['start'], { env });
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toContain('127.0.0.1:1');
      expect(ended.stderr).not.toContain('secret');
    },
    TEST_MS_MAX,
  );
});

function databaseEnv(): Record<string, string> {
  return { SURETY_PERSISTENCE: 'postgres', SURETY_DATA_DIR: temporaryFolder() };
}

function url({ port }: BrokerProcess): string {
  return `mqtt://127.0.0.1:${port}`;
}

async function connect(broker: BrokerProcess, options: IClientOptions): Promise<MqttClient> {
  return await mqtt.connectAsync(url(broker), { reconnectPeriod: 0, ...options });
}
