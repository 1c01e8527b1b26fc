import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { faultText } from '../../../src/adapters/config/config-fault.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { preflight } from '../../../src/preflight.js';
import { TestAuthority } from '../../support/certificates.js';
import { makeFolder } from '../../support/test-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'surety-config-'));
const files = makeFolder();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  files.remove();
});

const load = (content: string, env: Record<string, string> = {}) => {
  const file = join(folder, 'surety.yaml');
  writeFileSync(file, content);
  return loadConfig({ file, env });
};
const shown = (text: string): string => text.replace(`${folder}/`, '').replaceAll(`${files.path}/`, '');
const faultsOf = (content: string, env: Record<string, string> = {}): string[] => {
  const result = load(content, env);
  return 'faults' in result ? result.faults.map((fault) => shown(faultText(fault))) : [];
};

test('settings of listeners that have no effect together, or miss one another, are all named at once', () => {
  const faults = faultsOf(`listeners:
  - port: 1
    socketPath: /run/a.sock
    webSocketPath: /x
    allowedOrigins: [https://a.example]
  - port: 2
    socketMode: '0600'
    tls: {caFile: ca.pem, crlFiles: [crl.pem]}
  - port: 3
    tls: {certFile: c, keyFile: k, clientCertificates: required}
    proxyProtocol: {}
  - socketPath: /run/a.sock
    bogus: 1
`);
  expect(faults.map((fault) => fault.slice('surety.yaml:'.length))).toEqual([
    '2:11: listeners[0].port: has no effect beside socketPath; remove one of the two, or make another listener',
    '4:20: listeners[0].webSocketPath: has no effect without transport: websocket; remove it, or set transport: websocket',
    '5:21: listeners[0].allowedOrigins: has no effect without transport: websocket; remove it, or set transport: websocket',
    '7:17: listeners[1].socketMode: has no effect without socketPath; remove it, or set socketPath',
    '8:10: listeners[1].tls.certFile: is missing; name the file, or remove tls',
    '8:10: listeners[1].tls.keyFile: is missing; name the file, or remove tls',
    '8:19: listeners[1].tls.caFile: has no effect while clientCertificates is off; set clientCertificates to optional or required, or remove it',
    '8:37: listeners[1].tls.crlFiles: has no effect while clientCertificates is off; set clientCertificates to optional or required, or remove it',
    '10:10: listeners[2].tls.caFile: is missing: clientCertificates needs it; name the file of the authorities',
    '11:20: listeners[2].proxyProtocol.trusted: is empty: nobody could connect; name the proxies, or remove proxyProtocol',
    '12:17: listeners[3].socketPath: listener 4 has the same socketPath as listener 1; change one of them',
    '13:5: listeners[3].bogus: no such key; remove it',
  ]);
});

test('the file and the environment may each make a part of what belongs together', () => {
  const env = { SURETY_TLS_KEY_FILE: 'k', SURETY_PROXY_PROTOCOL_TRUSTED: '10.0.0.0/8, ::1,unix' };
  const result = load('listeners: [{tls: {certFile: c}}]', env);
  expect(result).toMatchObject({
    config: {
      listeners: [
        {
          tls: { certFile: 'c', keyFile: 'k', minVersion: '1.2', clientCertificates: 'off' },
          proxyProtocol: { trusted: ['10.0.0.0/8', '::1', 'unix'] },
        },
      ],
    },
  });
});

test.each(['10.0.0.0/33', '10.0.0', 'localhost', '::1/129', '10.0.0.0/8/8', '10.0.0.0/x'])(
  'a proxy that is no address and no network is a fault: %s',
  (trusted) => {
    expect(faultsOf(`listeners: [{proxyProtocol: {trusted: ['${trusted}']}}]`)).toEqual([
      'surety.yaml:1:40: listeners[0].proxyProtocol.trusted[0]: must be an address, a network such as 10.0.0.0/8, or unix; correct it, or leave it out',
    ]);
  },
);

test('what is wrong with certificates, keys and revocation lists is named with its place, all of it at once', async () => {
  const [authority, other] = await Promise.all([TestAuthority.create(), TestAuthority.create('Other')]);
  const [good, stranger, old, early] = await Promise.all([
    authority.issue(),
    other.issue(),
    authority.issue({ toDays: -0.5, name: 'old' }),
    authority.issue({ fromDays: 1, name: 'early' }),
  ]);
  files.write('good.pem', good.cert);
  files.write('good.key', good.key);
  files.write('other.key', stranger.key);
  files.write('old.pem', old.cert);
  files.write('early.pem', early.cert);
  files.write('ca.pem', authority.cert);
  files.write('text', 'no PEM');
  files.write(
    'sealed.key',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
  );
  files.write('crl.pem', await authority.revoke(old));
  files.write('bad-crl.pem', '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n');
  const tls = (settings: string) =>
    `  - {port: 0, tls: {${settings.replace(/File: /g, `File: ${files.path}/`)}}}`;
  const content = [
    'listeners:',
    tls('certFile: good.pem, keyFile: good.key'),
    tls('certFile: good.pem, keyFile: other.key'),
    tls('certFile: old.pem, keyFile: none.key'),
    tls('certFile: early.pem, keyFile: sealed.key'),
    tls('certFile: text, keyFile: text'),
    tls(
      `certFile: good.pem, keyFile: good.key, clientCertificates: required, caFile: text, crlFiles: [${files.path}/crl.pem, ${files.path}/bad-crl.pem]`,
    ),
  ].join('\n');
  const result = load(content);
  if ('faults' in result) throw new Error(result.faults.map(faultText).join('\n'));
  const faults = (await preflight(result.config, (path) => result.placeOf(path))).map(faultText);
  const short = faults.map(
    (fault) =>
      shown(fault)
        .replace(/^surety\.yaml:(\d+):\d+: /, '$1 ')
        .split(';')[0],
  );
  expect(short).toEqual([
    '3 listeners[1].tls.keyFile: other.key is not the key of the certificate in good.pem',
    expect.stringMatching(
      /^4 listeners\[2\]\.tls\.certFile: old\.pem holds a certificate that has expired on .* GMT: CN=old$/,
    ),
    "4 listeners[2].tls.keyFile: none.key doesn't exist",
    expect.stringMatching(
      /^5 listeners\[3\]\.tls\.certFile: early\.pem holds a certificate that is valid only from .*: CN=early$/,
    ),
    '5 listeners[3].tls.keyFile: sealed.key holds a key that is encrypted: the broker has no passphrase for it',
    '6 listeners[4].tls.certFile: text holds no certificate (PEM) that can be read',
    '6 listeners[4].tls.keyFile: text holds no private key (PEM) that can be read',
    '7 listeners[5].tls.caFile: text holds no certificate (PEM) that can be read',
    "7 listeners[5].tls.crlFiles[1]: bad-crl.pem holds a certificate revocation list that can't be read",
  ]);
});
