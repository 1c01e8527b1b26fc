import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';
import { killClientPrograms } from '../support/client-program.js';
import { freePort } from '../support/free-port.js';
import { startServerProgram } from '../support/server-program.js';
import { waitUntil, withinMs } from '../support/wait-until.js';

const ACL = `topic read public/#
user ann
topic readwrite ann/#
pattern readwrite own/%u/%c
`;
let folder: string;
/** The port of each broker, by its name. */
const ports: Record<string, number> = {};

/** The return code of CONNECT. */
async function codeOf(port: number, username?: string, password?: string): Promise<number> {
  const options = { reconnectPeriod: 0, clientId: 'c', clean: true, username, password };
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, options as mqtt.IClientOptions);
  const answer = new Promise<number>((resolve, reject) => {
    client.once('packetreceive', (packet) =>
      resolve(packet.cmd === 'connack' ? (packet.returnCode ?? -1) : -1),
    );
    // A refusal is an error as well, and comes behind its packet; the end of a connection by itself is none.
    client.on('error', reject).once('close', () => reject(new Error('the connection ended without CONNACK')));
  });
  try {
    return await withinMs(answer, 'CONNACK');
  } finally {
    client.end(true);
  }
}

/** Whether a message of `ann` on this topic comes back to her. */
async function echoes(port: number, topic: string): Promise<boolean> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    ...{ clientId: 'c', username: 'ann', password: 'right', reconnectPeriod: 0 },
  });
  const got: string[] = [];
  client.on('message', (name) => got.push(name));
  await client.subscribeAsync([topic, 'ann/end'], { qos: 0 }).catch(() => undefined);
  await client.subscribeAsync('ann/end', { qos: 0 });
  await client.publishAsync(topic, 'x', { qos: 1 });
  await client.publishAsync('ann/end', 'x', { qos: 1 });
  await waitUntil(() => got.includes('ann/end'), 'the end');
  await client.endAsync();
  return got.includes(topic);
}

beforeAll(async () => {
  folder = temporaryFolder();
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('passwords'), '', { mode: 0o644 });
  execFileSync('mosquitto_passwd', ['-b', file('passwords'), 'ann', 'right'], { stdio: 'pipe' });
  writeFileSync(file('acl'), ACL);
  for (const name of ['passwords', 'acl']) chmodSync(file(name), 0o644);
  chmodSync(folder, 0o755);
  ports['mosquitto'] = await freePort();
  const conf = `user root
per_listener_settings false
listener ${ports['mosquitto']} 127.0.0.1
allow_anonymous false
password_file ${file('passwords')}
acl_file ${file('acl')}
max_queued_messages 500
connection upstream
address 192.0.2.1
topic # both
`;
  writeFileSync(file('mosquitto.conf'), conf);
  // The bridge would only try to reach its other end.
  writeFileSync(file('own.conf'), conf.slice(0, conf.indexOf('connection')));
  await startServerProgram(['mosquitto', '-c', file('own.conf')], ports['mosquitto']);
}, 30_000);

afterAll(async () => {
  await killClientPrograms();
  await endBrokerProcesses();
});

describe('Surety, with the files of mosquitto', () => {
  test('is told what is lost, and starts with the rest', async () => {
    const out = join(folder, 'surety.yaml');
    const { code, stderr } = await runSurety([
      'import',
      'mosquitto',
      join(folder, 'mosquitto.conf'),
      '--out',
      out,
    ]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('mosquitto.conf:8: connection: the bridge upstream'),
    ]);
    expect(readFileSync(out, 'utf8')).toContain('queueMessagesMax: 500');
    const broker = await startBrokerProcess({ args: ['--config', out] });
    ports['surety'] = broker.port;
  });

  test.each([
    ['the right password', 'ann', 'right'],
    ['a wrong password', 'ann', 'wrong'],
    ['an unknown user', 'bob', 'right'],
    ['no name at all', undefined, undefined],
  ])('lets %s in, or not, as mosquitto does', async (_, name, password) => {
    const codes = {
      surety: await codeOf(ports['surety']!, name, password),
      mosquitto: await codeOf(ports['mosquitto']!, name, password),
    };
    expect(codes.surety === 0).toBe(codes.mosquitto === 0);
    expect(codes.surety === 0).toBe(password === 'right' && name === 'ann');
  });

  test.each(['ann/x', 'public/x', 'other/x', 'own/ann/c', 'own/ann/d'])(
    'passes a message on %s on, or not, as mosquitto does',
    async (topic) => {
      expect(await echoes(ports['surety']!, topic)).toBe(await echoes(ports['mosquitto']!, topic));
    },
  );
});
