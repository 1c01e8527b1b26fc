import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { tokenKeyFaults } from '../../../../src/adapters/auth/jwt-keys.js';
import { JwtProvider, type JwtSettings } from '../../../../src/adapters/auth/jwt-provider.js';
import { credentials } from '../../../support/credentials.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { jwtSettings } from '../../../support/provider-settings.js';
import { WebService } from '../../../support/web-service.js';

const clock = new ManualClock();
const nowSeconds = clock.nowMs() / 1000;
const secret = Buffer.alloc(64, 5);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys: Readonly<
  Record<
    string,
    { readonly algorithm: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  >
> = {
  RS256: { algorithm: 'RS256', ...rsa },
  PS384: { algorithm: 'PS384', ...rsa },
  ES256: { algorithm: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  ES384: { algorithm: 'ES384', ...generateKeyPairSync('ec', { namedCurve: 'P-384' }) },
  EdDSA: { algorithm: 'EdDSA', ...generateKeyPairSync('ed25519') },
};

let directory: string;
const fileOf = (name: string, content: string | Buffer): string => {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
};
const sign = (
  claims: JWTPayload,
  key: KeyObject | Uint8Array = secret,
  algorithm = 'HS256',
  keyId?: string,
) =>
  new SignJWT({ sub: 'ann', exp: nowSeconds + 60, ...claims })
    .setProtectedHeader({ alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) })
    .sign(key);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokens-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function open(changes: Partial<JwtSettings> = {}): Promise<JwtProvider> {
  const hasKey = 'keyFile' in changes || 'jwksFile' in changes || 'jwksUrl' in changes;
  const provider = new JwtProvider(
    'jwt',
    jwtSettings({ ...(hasKey ? {} : { secretFile: fileOf('secret', secret) }), ...changes }),
    clock,
  );
  await provider.reload();
  return provider;
}

async function outcome(provider: JwtProvider, token: string, shown: Parameters<typeof credentials>[0] = {}) {
  const decision = await provider.decide(credentials({ password: token, ...shown }));
  return typeof decision === 'object' && 'refusal' in decision ? decision.reason : decision;
}

test.each(Object.keys(keys))('%s is checked with the public key of its issuer alone', async (name) => {
  const { algorithm, privateKey, publicKey } = keys[name]!;
  const keyFile = fileOf(`${name}.pem`, publicKey.export({ type: 'spki', format: 'pem' }));
  const provider = await open({ keyFile, algorithms: [algorithm] });
  expect(await outcome(provider, await sign({}, privateKey, algorithm))).toMatchObject({
    principal: { name: 'ann' },
  });
  // The public key as the secret of another algorithm: the classic forgery.
  const forged = await sign(
    {},
    createSecretKey(publicKey.export({ type: 'spki', format: 'pem' }) as Buffer),
    'HS256',
  );
  expect(await outcome(provider, forged)).toBe('token_algorithm');
});

describe('a token', () => {
  test.each([
    [{ exp: nowSeconds - 31 }, 'token_expired'],
    [{ exp: undefined }, 'token_claim_exp'],
    [{ nbf: nowSeconds + 40 }, 'token_claim_nbf'],
    [{ aud: 'others' }, 'token_claim_aud'],
    [{ sub: undefined }, 'token_name'],
    [{ sub: '' }, 'token_name'],
    [{ cid: 'other' }, 'token_client_id'],
    [{ usr: 'other' }, 'token_user_name'],
    [{ acl: [{ actions: ['fly'], filter: '#' }] }, 'token_rules'],
    [{ acl: [{ actions: ['publish'], filter: 'a/#/b' }] }, 'token_rules'],
    [{ roles: 17 }, 'token_rules'],
  ])('with %j is refused as %s', async (claims, reason) => {
    const provider = await open({
      ...{
        audience: 'mqtt',
        clientIdClaim: 'cid',
        userNameClaim: 'usr',
        rulesClaim: 'acl',
        rolesClaim: 'roles',
      },
    });
    const sound = { aud: ['mqtt', 'x'], cid: 'client', usr: 'anna' };
    expect(await outcome(provider, await sign(sound), { userName: 'anna' })).toMatchObject({
      principal: { name: 'ann' },
    });
    expect(
      await outcome(provider, await sign({ ...sound, ...claims } as JWTPayload), { userName: 'anna' }),
    ).toBe(reason);
  });

  test('without a signature is refused', async () => {
    const [, claims = ''] = (await sign({})).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    expect(await outcome(await open(), none)).toBe('token_algorithm');
  });

  test('brings roles and rules, and the end of the connection', async () => {
    const provider = await open({ rulesClaim: 'acl', rolesClaim: 'scope' });
    const acl = [{ effect: 'allow', actions: ['publish'], filter: 'plant/%c/#', qosMax: 1 }];
    expect(await outcome(provider, await sign({ acl, scope: 'reader writer' }))).toEqual({
      principal: {
        name: 'ann',
        roles: ['reader', 'writer'],
        rules: [{ ...acl[0], provider: 'token', source: 'token' }],
      },
      expiresAtMs: clock.nowMs() + 90_000,
    });
    expect(await outcome(provider, await sign({}))).toMatchObject({ principal: { roles: [], rules: [] } });
  });

  test('may stand in the user name; a password that is none is left to others', async () => {
    const provider = await open({ from: 'userName' });
    expect(await outcome(provider, 'any', { userName: await sign({}) })).toMatchObject({
      principal: { name: 'ann' },
    });
    expect([await outcome(provider, 'any'), await outcome(await open(), 'geheim')]).toEqual([
      'ignored',
      'ignored',
    ]);
  });
});

describe('a published set of keys', () => {
  test('is fetched when a token comes, and a key that is not in it refuses', async () => {
    const service = await WebService.start();
    const { privateKey, publicKey } = keys['ES256']!;
    const set = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
    service.answer = () => ({ text: JSON.stringify(set) });
    const provider = await open({ jwksUrl: service.url, algorithms: ['ES256'] });
    expect(service.asked).toHaveLength(0);
    expect(await outcome(provider, await sign({}, privateKey, 'ES256', 'one'))).toMatchObject({
      principal: { name: 'ann' },
    });
    expect(await outcome(provider, await sign({}, privateKey, 'ES256', 'two'))).toBe('token_key');
    expect(service.asked).toHaveLength(1);
    await service.stop();
  });

  test('that can not be fetched is an error, and no refusal of the token', async () => {
    const service = await WebService.start();
    service.answer = () => ({ status: 500, text: '' });
    const provider = await open({ jwksUrl: service.url, algorithms: ['ES256'] });
    const token = await sign({}, keys['ES256']!.privateKey, 'ES256');
    await expect(provider.decide(credentials({ password: token }))).rejects.toThrow();
    await service.stop();
  });

  test('in a file counts anew when it is read anew', async () => {
    const { privateKey, publicKey } = keys['EdDSA']!;
    const jwksFile = fileOf('set.json', '{"keys":[]}');
    const provider = await open({ jwksFile, algorithms: ['EdDSA'] });
    const token = await sign({}, privateKey, 'EdDSA');
    expect(await outcome(provider, token)).toBe('token_key');
    fileOf('set.json', JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'EdDSA' }] }));
    expect(await provider.reload()).toBe(true);
    expect(await outcome(provider, token)).toMatchObject({ principal: { name: 'ann' } });
  });
});

test('keys that can not be used are named with their place', async () => {
  const path = ['authentication', 'providers', 2];
  const faultOf = async (changes: Partial<JwtSettings>) =>
    (await tokenKeyFaults(jwtSettings(changes), path))[0];
  expect(await faultOf({ secretFile: fileOf('short', 'short\n') })).toMatchObject({
    path: [...path, 'secretFile'],
    problem: expect.stringContaining('has 5 bytes, and HS256 need 32'),
  });
  expect(await faultOf({ keyFile: fileOf('no.pem', 'x') })).toMatchObject({ path: [...path, 'keyFile'] });
  expect(await faultOf({ jwksFile: fileOf('no.json', '{}') })).toMatchObject({ path: [...path, 'jwksFile'] });
  expect(await faultOf({ jwksFile: join(directory, 'none') })).toMatchObject({
    problem: expect.stringContaining('is not there'),
  });
});
