import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LdapProvider, type LdapSettings } from '../../../src/adapters/auth/ldap-provider.js';
import { credentials } from '../../support/credentials.js';
import { DirectoryServer } from '../../support/directory-server.js';
import { RequestWatch } from '../../support/request-watch.js';
import { ldapSettings } from '../../support/provider-settings.js';

let server: DirectoryServer;
let directory: string;
const opened: LdapProvider[] = [];
const { caFile } = DirectoryServer;
const template = { bindDn: undefined, bindPasswordFile: undefined, searchBase: undefined };

beforeAll(async () => {
  server = await DirectoryServer.start();
  directory = mkdtempSync(join(tmpdir(), 'bind-'));
  writeFileSync(join(directory, 'password'), `${DirectoryServer.bindPassword}\n`);
  writeFileSync(join(directory, 'wrong'), 'wrong');
}, 30_000);
afterAll(async () => {
  await Promise.all(opened.map((provider) => provider.stop()));
  await server.stop();
  rmSync(directory, { recursive: true });
});

async function login(userName: string, password: string, changes: Partial<LdapSettings> = {}) {
  const bindPasswordFile = join(directory, 'password');
  const provider = new LdapProvider(
    'ldap',
    ldapSettings({ url: server.urls.ldap, bindPasswordFile, ...changes }),
  );
  opened.push(provider);
  const decision = await provider.decide(credentials({ userName, password }));
  return typeof decision === 'object' && 'refusal' in decision ? decision.reason : decision;
}

const ann = (roles: string[] = []) => ({ principal: { name: 'ann', roles, rules: undefined } });

describe('a user', () => {
  test('has the groups as roles', async () => {
    const groupBase = 'ou=groups,dc=example,dc=org';
    expect(await login('ann', 'geheim', { groupBase })).toEqual(ann(['operators']));
    expect(await login('bob,(*)', 'geheim', { groupBase })).toMatchObject({ principal: { roles: [] } });
  });

  test('can be bound by a template, without a search', async () => {
    const userDnTemplate = 'uid=${user},ou=people,dc=example,dc=org';
    expect(await login('ann', 'geheim', { ...template, userDnTemplate })).toEqual(ann());
    expect(await login('ann', 'x', { ...template, userDnTemplate })).toBe('wrong_password');
    expect(await login('bob,(*)', 'geheim', { ...template, userDnTemplate })).toMatchObject({
      principal: { name: 'bob,(*)' },
    });
  });

  test.each(['*', 'an*', 'ann)(cn=*', 'ann)(|(uid=*', '\\61nn', 'ann\\'])(
    'named %j is nobody: what a name holds is no part of the filter',
    async (name) => {
      expect(await login(name, 'geheim')).toBe('ignored');
    },
  );

  test('without a password is refused, although the server would take that for an anonymous bind', async () => {
    expect(await login('ann', '')).toBe('empty_password');
    const userDnTemplate = 'uid=${user},ou=people,dc=example,dc=org';
    expect(await login('ann', '', { ...template, userDnTemplate })).toBe('empty_password');
  });
});

test('a bind password that is read anew is used from the next check on', async () => {
  const bindPasswordFile = join(directory, 'changing');
  writeFileSync(bindPasswordFile, 'wrong');
  const provider = new LdapProvider('ldap', ldapSettings({ url: server.urls.ldap, bindPasswordFile }));
  opened.push(provider);
  const check = () => provider.decide(credentials({ userName: 'ann', password: 'geheim' }));
  await expect(check()).rejects.toThrow();
  expect(await provider.reload()).toBe(false);
  writeFileSync(bindPasswordFile, DirectoryServer.bindPassword);
  expect([await provider.reload(), await check()]).toEqual([true, ann()]);
  expect(provider.files).toEqual([bindPasswordFile]);
});

test('a user who is not there costs the same requests as one whose password is wrong', async () => {
  const watch = await RequestWatch.start(server.urls.ldap);
  const groupBase = 'ou=groups,dc=example,dc=org';
  try {
    expect(await login('ann', 'wrong', { url: watch.url, groupBase })).toBe('wrong_password');
    const known = watch.take();
    expect(await login('eve', 'wrong', { url: watch.url, groupBase })).toBe('ignored');
    expect(known).toEqual(['bind', 'search', 'search', 'bind']);
    expect(watch.take()).toEqual(known);
  } finally {
    await watch.stop();
  }
});

describe('an encrypted connection', () => {
  test.each([
    ['ldaps', { startTls: false }],
    ['ldap', { startTls: true }],
  ] as const)('by %s, %j is made where the authority is trusted, and nowhere else', async (scheme, tls) => {
    const url = server.urls[scheme];
    expect(await login('ann', 'geheim', { url, ...tls, caFile })).toEqual(ann());
    await expect(login('ann', 'geheim', { url, ...tls })).rejects.toThrow(/certificate/);
  });
});

test.each([
  ['the password of the search is wrong', { bindPasswordFile: 'wrong' }],
  ['the filter finds several', { searchFilter: '(|(uid=${user})(objectClass=inetOrgPerson))' }],
  ['nobody is there', { url: 'ldap://127.0.0.1:1' }],
])('where %s there is an error, and no decision', async (_, changes: Partial<LdapSettings>) => {
  const file = changes.bindPasswordFile;
  await expect(
    login('ann', 'geheim', {
      ...changes,
      ...(file === undefined ? {} : { bindPasswordFile: join(directory, file) }),
    }),
  ).rejects.toThrow();
});
