import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect as connectMqtt, type MqttClient } from 'mqtt';
import {
  type BrokerProcess,
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
} from '../support/broker-process.js';
import { TestAuthority } from '../support/certificates.js';
import { makeFolder, type TestFolder } from '../support/test-folder.js';
import { killClientPrograms, runClientProgram, startClientProgram } from '../support/client-program.js';
import { waitUntil, withinMs } from '../support/wait-until.js';

describe('clients that come by TLS', () => {
  let folder: TestFolder;
  let authority: TestAuthority;
  let broker: BrokerProcess;
  let config: string;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    folder = makeFolder();
    authority = await TestAuthority.create();
    const [server, client] = await Promise.all([authority.issue(), authority.issue({ name: 'sensor' })]);
    const { path } = folder;
    folder.write('ca.pem', authority.cert);
    folder.write('cert.pem', server.cert);
    folder.write('key.pem', server.key);
    folder.write('client.pem', client.cert);
    folder.write('client.key', client.key);
    const tls = `certFile: ${path}/cert.pem, keyFile: ${path}/key.pem`;
    config = folder.write(
      'surety.yaml',
      `listeners:
  - {host: 127.0.0.1, port: 0}
  - {host: 127.0.0.1, port: 0, tls: {${tls}, caFile: ${path}/ca.pem, clientCertificates: required}}
  - {host: 127.0.0.1, port: 0, transport: websocket, tls: {${tls}}}
`,
    );
    const env = { SURETY_LOG_LEVEL: 'info' };
    broker = await startBrokerProcess({ args: ['--config', config], env });
  });
  afterAll(async () => {
    for (const client of clients) client.end(true);
    await killClientPrograms();
    await endBrokerProcesses();
    folder.remove();
  });

  const portOf = (scheme: string): string =>
    new RegExp(`${scheme}://127\\.0\\.0\\.1:(\\d+)`).exec(broker.readyLine)?.[1] ?? '';
  const mosquitto = (): string[] => {
    const { path } = folder;
    const shown = ['--cert', `${path}/client.pem`, '--key', `${path}/client.key`];
    return ['-h', 'localhost', '-p', portOf('mqtts'), '--cafile', `${path}/ca.pem`, ...shown];
  };
  const byWebSocket = async (): Promise<MqttClient> => {
    const client = connectMqtt(`wss://localhost:${portOf('wss')}/mqtt`, {
      ca: authority.cert,
      reconnectPeriod: 0,
    });
    clients.push(client);
    await withinMs(new Promise((resolve) => client.once('connect', resolve)), 'CONNACK');
    return client;
  };

  test('are served beside others, and go on while certificates are read anew', async () => {
    const subscriber = await byWebSocket();
    const got: string[] = [];
    subscriber.on('message', (_, payload) => void got.push(payload.toString()));
    await subscriber.subscribeAsync('t/#', { qos: 1 });
    const lines: string[] = [];
    const sub = startClientProgram(
      ['stdbuf', '-oL', 'mosquitto_sub', ...mosquitto(), '-t', 't/#', '-q', '1', '-d'],
      (line) => lines.push(line),
    );
    await sub.waitUntil(() => lines.some((line) => line.includes('Subscribed')), 'SUBACK');
    await runClientProgram(['mosquitto_pub', ...mosquitto(), '-t', 't/1', '-q', '1', '-m', 'one']);
    await waitUntil(() => got.includes('one') && lines.includes('one'), 'the first message');

    const next = await authority.issue({ name: 'next' });
    writeFileSync(`${folder.path}/cert.pem`, next.cert);
    await waitUntil(() => broker.stderr().includes('the old one stays'), 'the mismatch to be told');
    writeFileSync(`${folder.path}/key.pem`, next.key);
    await waitUntil(() => broker.stderr().includes('read anew'), 'the change to be seen');
    broker.signal('SIGHUP');
    await waitUntil(() => broker.stderr().includes('nothing is different'), 'the signal to be heard');

    await runClientProgram(['mosquitto_pub', ...mosquitto(), '-t', 't/2', '-q', '1', '-m', 'two']);
    await waitUntil(() => got.includes('two') && lines.includes('two'), 'the second message');
    expect([subscriber.connected, sub.hasEnded]).toEqual([true, false]);
  });

  test('and all others are checked by what the configuration says after SIGHUP, if nothing in it is wrong', async () => {
    const before = readFileSync(config, 'utf8');
    const knock = () => {
      const args = [
        '-h',
        '127.0.0.1',
        '-p',
        portOf('mqtt'),
        '-u',
        'ann',
        '-P',
        'guess',
        '-t',
        't',
        '-m',
        'x',
      ];
      return withinMs(startClientProgram(['mosquitto_pub', ...args], () => undefined).ended, 'the end');
    };
    const take = async (text: string, told: string): Promise<void> => {
      writeFileSync(config, `${before}${text}`);
      broker.signal('SIGHUP');
      await waitUntil(() => broker.stderr().includes(told), told);
    };
    const providers = `authentication: {providers: [{type: passwordFile, file: ${folder.path}/passwords}]}\n`;
    await take(
      providers,
      `surety.yaml:5:57: authentication.providers[0].file: ${folder.path}/passwords is not there`,
    );
    expect(await knock()).toBe(0);
    folder.write('passwords', '');
    await take(
      `${providers}node: {name: other}\n`,
      '"keys":"node.name","message":"some changes take a restart',
    );
    expect(await knock()).not.toBe(0);
  });

  test('are refused without a certificate where it is required', async () => {
    const args = ['-h', 'localhost', '-p', portOf('mqtts'), '--cafile', `${folder.path}/ca.pem`];
    const pub = startClientProgram(['mosquitto_pub', ...args, '-t', 't', '-m', 'x'], () => undefined);
    expect(await withinMs(pub.ended, 'the end')).not.toBe(0);
    await waitUntil(() => broker.stderr().includes('certificate_refused'), 'the refusal to be told');
  });

  test('need files that can be used: start and check name what is wrong, and where', async () => {
    const faulty = folder.write(
      'faulty.yaml',
      `listeners:\n  - tls: {certFile: ${folder.path}/none, keyFile: ${config}}\n`,
    );
    for (const args of [['start'], ['config', 'check']]) {
      const { code, stderr } = await runSurety([...args, '--config', faulty]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `faulty.yaml:2:21: listeners[0].tls.certFile: ${folder.path}/none doesn't exist; `,
      );
      expect(stderr).toContain(
        `listeners[0].tls.keyFile: ${config} holds no private key (PEM) that can be read; `,
      );
    }
  });
});
