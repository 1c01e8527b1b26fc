import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Config } from '../../../src/adapters/config/config.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { importMosquitto } from '../../../src/adapters/config/mosquitto/import-mosquitto.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Translates a text, and reads what comes of it as the broker does. */
function translated(text: string): { config: Config; notes: string[] } {
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, text);
  const { yaml, notes } = importMosquitto(file);
  writeFileSync(join(folder, 'surety.yaml'), yaml);
  const result = loadConfig({ file: join(folder, 'surety.yaml'), env: {} });
  if ('faults' in result) throw new Error(`${JSON.stringify(result.faults)}\n${yaml}`);
  return {
    config: result.config,
    notes: notes.map(({ line, text: note }) => `${line} ${note.split(':')[0]}`),
  };
}

test('an empty file listens on loopback alone, without names, and keeps nothing, as mosquitto does', () => {
  const { config, notes } = translated('# nothing\n');
  expect(config.listeners).toMatchObject([{ host: '127.0.0.1', port: 1883, allowAnonymous: true }]);
  expect([config.persistence, notes]).toEqual(['memory', []]);
});

test('a hardened broker comes over whole', () => {
  const { config, notes } = translated(`user mosquitto
pid_file /run/mosquitto/mosquitto.pid
persistence true
persistence_location /var/lib/mosquitto/
persistent_client_expiration 2w
log_dest syslog
log_type all
allow_anonymous false
password_file /etc/mosquitto/passwd
acl_file /etc/mosquitto/acl
max_inflight_messages 0
max_queued_messages 2000
sys_interval 30
message_size_limit 65536
listener 1883 127.0.0.1
listener 8883
certfile /etc/mosquitto/certs/server.crt
keyfile /etc/mosquitto/certs/server.key
cafile /etc/mosquitto/certs/ca.crt
require_certificate true
crlfile /etc/mosquitto/certs/ca.crl
tls_version tlsv1.3
listener 9001 0.0.0.0
protocol websockets
listener 0 /run/mosquitto/mosquitto.sock
`);
  expect(config.listeners).toMatchObject([
    { host: '127.0.0.1', port: 1883, allowAnonymous: false },
    {
      ...{ host: '::', port: 8883 },
      tls: {
        certFile: '/etc/mosquitto/certs/server.crt',
        keyFile: '/etc/mosquitto/certs/server.key',
        caFile: '/etc/mosquitto/certs/ca.crt',
        crlFiles: ['/etc/mosquitto/certs/ca.crl'],
        ...{ clientCertificates: 'required', minVersion: '1.3' },
      },
    },
    { host: '0.0.0.0', port: 9001, transport: 'websocket' },
    { socketPath: '/run/mosquitto/mosquitto.sock', allowAnonymous: false },
  ]);
  expect(config).toMatchObject({
    persistence: 'postgres',
    session: { expirySeconds: 1_209_600 },
    sysTopics: { intervalSeconds: 30 },
    log: { level: 'debug' },
    authentication: { providers: [{ type: 'passwordFile', file: '/etc/mosquitto/passwd' }] },
    access: { aclFile: '/etc/mosquitto/acl' },
    limits: { inflightMax: 65_535, queueMessagesMax: 2000, packetBytesMax: 65_536 + 65_544 },
  });
  expect(notes).toEqual([]);
});

test('what belongs to one listener stays with it, and what can not is named with its line', () => {
  const { config, notes } = translated(`per_listener_settings true
listener 1883 127.0.0.1
allow_anonymous true
max_connections 100
listener 1884 127.0.0.1
password_file a
acl_file b
mount_point up/
max_connections 50
listener 1885 127.0.0.1
password_file c
acl_file d
max_connections 10
plugin /usr/lib/x.so
plugin_opt_y z
psk_file e
whatever 1
connection cloud
address cloud.example:8883
topic # out 1
bridge_cafile f
listener 1886 127.0.0.1
max_connections 5
`);
  expect(config.listeners.map(({ allowAnonymous }) => allowAnonymous)).toEqual([true, false, false, false]);
  expect(config.limits.connectionsMax).toBe(165);
  expect(config.authentication.providers).toMatchObject([
    { file: 'a' },
    { file: 'c', name: 'passwordFile2' },
  ]);
  expect(notes).toEqual([
    '8 mount_point',
    '11 password_file',
    '12 acl_file',
    '14 plugin',
    '16 psk_file',
    '17 whatever',
    '18 connection',
  ]);
});

test('files of include_dir are read in their order', () => {
  mkdirSync(join(folder, 'conf.d'));
  writeFileSync(join(folder, 'conf.d', 'b.conf'), 'bind_address 127.0.0.2\nmax_queued_messages 7\n');
  writeFileSync(join(folder, 'conf.d', 'a.conf'), 'port 1999\nmax_queued_messages 6\n');
  writeFileSync(join(folder, 'conf.d', 'c.txt'), 'nonsense\n');
  const { config } = translated(`include_dir ${join(folder, 'conf.d')}\n`);
  expect(config.listeners).toMatchObject([{ host: '127.0.0.2', port: 1999 }]);
  expect(config.limits.queueMessagesMax).toBe(7);
});

test('a file that is not there is named', () => {
  expect(() => importMosquitto(join(folder, 'nothing.conf'))).toThrow("nothing.conf can't be read");
});
