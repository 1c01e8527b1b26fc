import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faultText } from '../../../src/adapters/config/config-fault.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { preflight } from '../../../src/preflight.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faults-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** All faults of a configuration, as an operator is told them. */
async function faultsOf(text: string): Promise<string[]> {
  const file = join(directory, 'surety.yaml');
  writeFileSync(file, text);
  const result = loadConfig({ file, env: {} });
  const faults =
    'faults' in result ? result.faults : await preflight(result.config, (path) => result.placeOf(path));
  return faults.map((fault) => faultText(fault).replaceAll(`${directory}/`, ''));
}

test('whatever providers name and is not there or of no use is told at once, each with its place', async () => {
  writeFileSync(join(directory, 'passwords'), 'ann:plain\n');
  writeFileSync(join(directory, 'short'), 'too short');
  writeFileSync(join(directory, 'text'), 'no key');
  const faults = await faultsOf(`persistence: memory
authentication:
  providers:
    - { type: passwordFile, file: ${directory}/passwords }
    - { type: passwordFile, name: other, file: ${directory}/absent }
    - { type: userTable }
    - { type: jwt, name: short, algorithms: [HS256], secretFile: ${directory}/short }
    - { type: jwt, name: text, algorithms: [ES256], keyFile: ${directory}/text }
    - { type: jwt, name: set, algorithms: [ES256], jwksFile: ${directory}/absent }
    - { type: jwt, name: far, algorithms: [ES256], jwksUrl: 'https://a:b:c/' }
    - { type: certificate, template: '\${cn}\${surname}' }
    - { type: webhook, url: 'http://a:b:c/', caFile: ${directory}/absent, secretFile: ${directory}/absent }
    - { type: ldap, url: 'ldap://a:b:c', searchBase: dc=a, bindDn: dc=a, bindPasswordFile: ${directory}/absent }
  failures: { trustedAddresses: [127.0.0.1, everywhere] }
`);
  expect(faults).toMatchInlineSnapshot(`
   [
     "surety.yaml:4:35: authentication.providers[0].file: line 1 of passwords has no hash ($7$, $6$ or $argon2id$) for the user ann; correct the line, or set the password anew with "surety passwd"",
     "surety.yaml:5:48: authentication.providers[1].file: absent is not there; make the file with "surety passwd -c", or correct its name",
     "surety.yaml:6:15: authentication.providers[2].type: there is no table of users with \`persistence: memory\`; set persistence to postgres, or use a password file",
     "surety.yaml:7:66: authentication.providers[3].secretFile: the secret in short has 9 bytes, and HS256 need 32; put the key of the issuer there, or correct the name",
     "surety.yaml:8:62: authentication.providers[4].keyFile: text holds no public key or certificate in PEM; put the key of the issuer there, or correct the name",
     "surety.yaml:9:62: authentication.providers[5].jwksFile: absent is not there; put the key of the issuer there, or correct the name",
     "surety.yaml:10:61: authentication.providers[6].jwksUrl: is no valid URL; correct it",
     "surety.yaml:11:38: authentication.providers[7].template: \${surname} stands for nothing; use \${cn}, \${dns}, \${email}, \${uri}, \${serial} or \${fingerprint}",
     "surety.yaml:12:29: authentication.providers[8].url: is no valid URL; correct it",
     "surety.yaml:12:54: authentication.providers[8].caFile: absent is not there; correct the name, or let the user of the broker read it",
     "surety.yaml:12:93: authentication.providers[8].secretFile: absent is not there; correct the name, or let the user of the broker read it",
     "surety.yaml:13:26: authentication.providers[9].url: is no valid URL; correct it",
     "surety.yaml:13:92: authentication.providers[9].bindPasswordFile: absent is not there; correct the name, or let the user of the broker read it",
     "surety.yaml:14:45: authentication.failures.trustedAddresses[1]: "everywhere" is no address and no range; write it like 192.0.2.1 or 10.0.0.0/8",
   ]
  `);
});

test('an unknown provider, and settings that contradict each other, are told with their lines', async () => {
  const faults = await faultsOf(`authentication:
  providers:
    - { type: kerberos }
    - { type: jwt, algorithms: [HS256, RS256], keyFile: key.pem }
    - { type: jwt, algorithms: [none], keyFile: key.pem }
    - { type: ldap, url: 'ldaps://a', startTls: true, searchBase: dc=a }
`);
  expect(faults).toMatchInlineSnapshot(`
   [
     "surety.yaml:3:15: authentication.providers[0].type: must be one of passwordFile, userTable, jwt, certificate, webhook, ldap, not "kerberos"; correct it, or leave it out",
     "surety.yaml:4:15: authentication.providers[1].type: HS algorithms go with secretFile alone, and all others with keys; correct it, or leave it out",
     "surety.yaml:5:33: authentication.providers[2].algorithms[0]: must be one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, not "none"; correct it, or leave it out",
     "surety.yaml:6:49: authentication.providers[3].startTls: ldaps: is encrypted already; correct it, or leave it out for false",
   ]
  `);
});

test('providers of one name are told', async () => {
  const faults = await faultsOf(`authentication:
  providers:
    - { type: passwordFile, file: a }
    - { type: passwordFile, file: b }
`);
  expect(faults).toEqual([expect.stringContaining('provider 2 has the same name as provider 1')]);
});

test('sound settings have no faults', async () => {
  writeFileSync(join(directory, 'passwords'), '');
  writeFileSync(join(directory, 'secret'), 'x'.repeat(32));
  expect(
    await faultsOf(`persistence: memory
authentication:
  providers:
    - { type: passwordFile, file: ${directory}/passwords }
    - { type: jwt, algorithms: [HS256], secretFile: ${directory}/secret }
    - { type: webhook, url: 'https://auth.example/' }
`),
  ).toEqual([]);
});
