import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { SignJWT } from 'jose';
import { CertificateProvider } from '../../src/adapters/auth/certificate-provider.js';
import { JwtProvider } from '../../src/adapters/auth/jwt-provider.js';
import { LdapProvider } from '../../src/adapters/auth/ldap-provider.js';
import { PasswordChecker } from '../../src/adapters/auth/password-checker.js';
import { PasswordFileProvider } from '../../src/adapters/auth/password-file-provider.js';
import { setFilePassword } from '../../src/adapters/auth/password-file-edit.js';
import { hashPassword } from '../../src/adapters/auth/password-hash.js';
import { UserTableProvider } from '../../src/adapters/auth/user-table-provider.js';
import { WebhookProvider } from '../../src/adapters/auth/webhook-provider.js';
import { PostgresUserPasswords } from '../../src/adapters/postgres/postgres-user-passwords.js';
import { PostgresUsers } from '../../src/adapters/postgres/postgres-users.js';
import { RenewablePool } from '../../src/adapters/postgres/renewable-pool.js';
import { blockingVerifier } from '../support/blocking-verifier.js';
import { certificateOf } from '../support/client-certificate.js';
import { credentials } from '../support/credentials.js';
import { DirectoryServer } from '../support/directory-server.js';
import { jwtSettings, ldapSettings, webhookSettings } from '../support/provider-settings.js';
import { ManualClock } from '../support/manual-clock.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { WebService } from '../support/web-service.js';
import { describeProvider } from './provider-contract.js';

const checker = new PasswordChecker(blockingVerifier, { concurrencyMax: 2, queueMax: 100 });
const clock = new ManualClock();
const secret = Buffer.alloc(32, 7);
const byPassword = {
  right: credentials({ userName: 'ann', password: 'geheim' }),
  wrong: credentials({ userName: 'ann', password: 'other' }),
  foreign: credentials({ userName: 'eve', password: 'geheim' }),
};

let directory: string;
let database: TestDatabase;
let pool: RenewablePool;
let directoryServer: DirectoryServer;
let webService: WebService;
let passwordFile: PasswordFileProvider;
let jwt: JwtProvider;
let webhook: WebhookProvider;
let ldap: LdapProvider;
let tokens: { readonly right: string; readonly wrong: string; readonly foreign: string };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'providers-'));
  await setFilePassword(join(directory, 'passwords'), { name: 'ann', password: 'geheim', create: true });
  passwordFile = new PasswordFileProvider('file', join(directory, 'passwords'), checker);
  await passwordFile.reload();

  database = await createTestDatabase();
  pool = new RenewablePool(database.address, 2);
  const tester = { principal: 'tester', authentication: 'command_line' } as const;
  await new PostgresUsers(pool).add('ann', await hashPassword('geheim'), tester);

  writeFileSync(join(directory, 'secret'), secret);
  jwt = new JwtProvider('jwt', jwtSettings({ secretFile: join(directory, 'secret'), issuer: 'us' }), clock);
  await jwt.reload();
  const token = (issuer: string, key: Uint8Array): Promise<string> =>
    new SignJWT({ sub: 'ann', iss: issuer, exp: clock.nowMs() / 1000 + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
  tokens = {
    right: await token('us', secret),
    wrong: await token('us', Buffer.alloc(32)),
    foreign: await token('others', secret),
  };

  webService = await WebService.start();
  webService.answer = ({ userName, password }) => {
    const result = userName !== 'ann' ? 'ignore' : password === 'geheim' ? 'allow' : 'deny';
    return { text: JSON.stringify({ result }) };
  };
  webhook = new WebhookProvider('webhook', webhookSettings({ url: webService.url }), clock);

  directoryServer = await DirectoryServer.start();
  writeFileSync(join(directory, 'bind-password'), DirectoryServer.bindPassword);
  ldap = new LdapProvider(
    'ldap',
    ldapSettings({ url: directoryServer.urls.ldap, bindPasswordFile: join(directory, 'bind-password') }),
  );
}, 60_000);

afterAll(async () => {
  await ldap.stop();
  await directoryServer.stop();
  await webhook.stop();
  await webService.stop();
  await pool.end();
  await database.drop();
  rmSync(directory, { recursive: true });
});

describeProvider('a password file', () => ({ provider: passwordFile, ...byPassword }));
describeProvider('the table of users', () => ({
  provider: new UserTableProvider('table', new PostgresUserPasswords(pool), checker),
  ...byPassword,
}));
describeProvider('an issuer of tokens', () => ({
  provider: jwt,
  right: credentials({ password: tokens.right }),
  wrong: credentials({ password: tokens.wrong }),
  foreign: credentials({ password: tokens.foreign }),
}));
describeProvider('a web service', () => ({ provider: webhook, ...byPassword }));
describeProvider('a directory', () => ({ provider: ldap, ...byPassword }));
describeProvider('a certificate', () => ({
  provider: new CertificateProvider('certificate', { template: '${cn}', requireUserName: true }),
  right: credentials({ certificate: certificateOf({ commonName: 'ann' }) }),
  wrong: credentials({ certificate: certificateOf({ commonName: 'bob' }), userName: 'ann' }),
  foreign: credentials({ userName: 'ann', password: 'geheim' }),
}));
