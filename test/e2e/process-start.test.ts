import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';
import { waitUntil } from '../support/wait-until.js';

const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

afterEach(endBrokerProcesses);

describe('surety start', () => {
  test('prints one line when ready, which names the version, the address and where data goes', async () => {
    const broker = await startBrokerProcess();
    expect(broker.stdout()).toBe(`${broker.readyLine}\n`);
    expect(broker.readyLine).toMatch(
      new RegExp(`^surety ${version} listening on mqtt://127\\.0\\.0\\.1:${broker.port}, data in memory\\b`),
    );
  });

  test('names the port that it was given for port 0, and accepts clients there at once', async () => {
    const broker = await startBrokerProcess({ env: { SURETY_PORT: '0' } });
    expect(broker.port).toBeGreaterThan(0);
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0 });
    await client.endAsync();
  });

  test('takes its settings from a file, and the environment over it', async () => {
    const file = configFile('listeners:\n  - port: 1\npersistence: memory\nlog:\n  level: error\n');
    const broker = await startBrokerProcess({ args: ['--config', file], env: { SURETY_PORT: '0' } });
    expect(broker.port).toBeGreaterThan(1);
  });

  test('runs beside another broker with a port and a data folder of its own', async () => {
    const settings = () => ({ env: { SURETY_DATA_DIR: temporaryFolder() } });
    const [left, right] = await Promise.all([startBrokerProcess(settings()), startBrokerProcess(settings())]);
    expect(left.port).not.toBe(right.port);
    expect(await echoed(left.port, 'left')).toEqual(['left']);
    expect(await echoed(right.port, 'right')).toEqual(['right']);
  });

  test('ends with a clear message and exit code 1 when its port is taken, and the other broker goes on', async () => {
    const first = await startBrokerProcess();
    const second = await runSurety(['start'], { env: { SURETY_PORT: String(first.port) } });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(String(first.port));
    expect(second.stderr).toMatch(/\b(taken|in use)\b/);
    expect(second.stderr).not.toMatch(/^\s+at /m);
    expect(await echoed(first.port, 'still here')).toEqual(['still here']);
  });
});

describe('what surety is told wrongly', () => {
  test('an invalid configuration file has every fault listed with its line, and exit code 1', async () => {
    const file = configFile('listeners:\n  - port: 99999\nnonsense: 1\nlimits:\n  packetBytesMax: many\n');
    const end = await runSurety(['start', '--config', file]);
    expect(end).toMatchObject({ code: 1, stdout: '' });
    const faults = end.stderr.split('\n').filter((line) => line.includes(`${file}:`));
    expect(faults).toEqual([
      expect.stringMatching(/:2:\d+: .*port/),
      expect.stringMatching(/:3:\d+: .*nonsense/),
      expect.stringMatching(/:5:\d+: .*packetBytesMax/),
    ]);
  });

  test('a faulty variable is listed beside the faults of the file', async () => {
    const file = configFile('nonsense: 1\n');
    const end = await runSurety(['start', '--config', file], { env: { SURETY_PERSISTENCE: 'paper' } });
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toContain('nonsense');
    expect(end.stderr).toContain('SURETY_PERSISTENCE');
  });

  test('a configuration file that is not there is named, and the exit code is 1', async () => {
    const file = join(temporaryFolder(), 'missing.yaml');
    const end = await runSurety(['start', '--config', file]);
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toContain(file);
  });

  test('an unknown option is named, and the exit code is 2', async () => {
    const end = await runSurety(['start', '--colour']);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('--colour');
  });

  test('an unknown command is named, and the exit code is 2', async () => {
    const end = await runSurety(['dance']);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('dance');
  });
});

test('surety --version prints the version of the package', async () => {
  expect(await runSurety(['--version'])).toEqual({
    code: 0,
    signal: null,
    stdout: `${version}\n`,
    stderr: '',
  });
});

function configFile(text: string): string {
  const file = join(temporaryFolder(), 'surety.yaml');
  writeFileSync(file, text);
  return file;
}

/** What a subscriber of everything gets from the broker at this port after publishing one message itself. */
async function echoed(port: number, payload: string): Promise<string[]> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  const received: string[] = [];
  client.on('message', (_topic, bytes) => received.push(bytes.toString()));
  await client.subscribeAsync('#', { qos: 1 });
  await client.publishAsync('echo', payload, { qos: 1, retain: true });
  await client.publishAsync('echo', 'end', { qos: 1 });
  await waitUntil(() => received.includes('end'), 'the last message');
  await client.endAsync();
  return received.filter((message) => message !== 'end');
}
