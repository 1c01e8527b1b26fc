import { describe, expect, test } from '@jest/globals';
import {
  costOf,
  decoyOf,
  hashPassword,
  parsePasswordHash,
  verifyPassword,
} from '../../../../src/adapters/auth/password-hash.js';

/** Made by mosquitto_passwd 2.0.11 for the password `geheim`. */
const FROM_MOSQUITTO = {
  $6$: '$6$kpH7F5+qZbkTQWtl$FTcM5JT/d6X9pADCgW9b7sXwpcAaonVKXthG+XM2xI0LBSlHNzUccVOV4Lx59bWgelwCS4c28Wej1F/+xacdqA==',
  $7$: '$7$101$IadDfagQ+giv1fnS$M6WuyD7pt0A4BnUTOp6mcTPljBdonazSf6ViB7M6v7CRTq8z3XjwmQkxP5BcCi++ufgUX46m28B+7aCpN+O+dw==',
};

test.each(Object.entries(FROM_MOSQUITTO))('%s of mosquitto_passwd is read as it is', (_, text) => {
  const stored = parsePasswordHash(text)!;
  expect(verifyPassword(stored, Buffer.from('geheim'))).toBe(true);
  for (const other of ['geheim ', 'Geheim', '', 'geheimx'])
    expect(verifyPassword(stored, Buffer.from(other))).toBe(false);
});

test('a new hash is argon2id with a salt of its own, and is read again', async () => {
  const [one, other] = [await hashPassword('geheim'), await hashPassword('geheim')];
  expect(one).toMatch(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$/);
  expect(one).not.toBe(other);
  const stored = parsePasswordHash(one)!;
  expect([
    verifyPassword(stored, Buffer.from('geheim')),
    verifyPassword(stored, Buffer.from('other')),
  ]).toEqual([true, false]);
});

test('a password needs not be text', async () => {
  const password = Buffer.from([0xff, 0x00, 0xfe]);
  const stored = parsePasswordHash(await hashPassword(password))!;
  expect(verifyPassword(stored, password)).toBe(true);
});

describe('a decoy', () => {
  test.each([
    FROM_MOSQUITTO.$6$,
    FROM_MOSQUITTO.$7$,
    '$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA',
  ])('of %s costs the same, and no password fits it', (text) => {
    const model = parsePasswordHash(text)!;
    const decoy = decoyOf(model);
    expect(costOf(decoy)).toBe(costOf(model));
    expect(verifyPassword(decoy, Buffer.from('geheim'))).toBe(false);
  });

  test('of nothing costs what a new hash does', async () => {
    expect(costOf(decoyOf(undefined))).toBe(costOf(parsePasswordHash(await hashPassword('x'))!));
    expect(verifyPassword(decoyOf(undefined), Buffer.from(''))).toBe(false);
  });
});

test.each([
  ...['', 'geheim', '$', '$5$abc$def', '$6$a', '$6$c2FsdA==$c2hvcnQ=', `${FROM_MOSQUITTO.$6$}$x`],
  FROM_MOSQUITTO.$7$.replace('$101$', '$0$'),
  FROM_MOSQUITTO.$7$.replace('$101$', '$99999999$'),
  '$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA',
  '$argon2i$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA',
])('%s is no hash', (text) => {
  expect(parsePasswordHash(text)).toBeUndefined();
});
