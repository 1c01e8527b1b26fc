import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PasswordChecker } from '../../../../src/adapters/auth/password-checker.js';
import { removeFilePassword, setFilePassword } from '../../../../src/adapters/auth/password-file-edit.js';
import {
  passwordFileFaults,
  PasswordFileProvider,
} from '../../../../src/adapters/auth/password-file-provider.js';
import { AuthenticationBusy } from '../../../../src/application/ports/authentication-provider.js';
import { blockingVerifier } from '../../../support/blocking-verifier.js';
import { credentials } from '../../../support/credentials.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'passwords-'));
  file = join(directory, 'passwords');
});
afterEach(() => rmSync(directory, { recursive: true }));

const set = (name: string, password: string) => setFilePassword(file, { name, password, create: true });
const open = async (limits = { concurrencyMax: 1, queueMax: 10 }) => {
  const provider = new PasswordFileProvider('file', file, new PasswordChecker(blockingVerifier, limits));
  await provider.reload();
  const login = async (userName: string, password: string) => {
    const decision = await provider.decide(credentials({ userName, password }));
    if (decision === 'ignored') return decision;
    return 'refusal' in decision ? decision.reason : 'in';
  };
  return { provider, login };
};

describe('a password file', () => {
  test('that mosquitto_passwd has written lets its users in', async () => {
    for (const [method, name] of [
      ['sha512', 'old'],
      ['sha512-pbkdf2', 'new'],
    ] as const) {
      const create = name === 'old' ? ['-c'] : [];
      const args = ['-H', method, ...create, '-b', file, name, 'geheim'];
      expect(spawnSync('mosquitto_passwd', args).status).toBe(0);
    }
    const { login } = await open();
    expect([await login('old', 'geheim'), await login('new', 'geheim'), await login('new', 'x')]).toEqual([
      'in',
      'in',
      'wrong_password',
    ]);
  });

  test('counts anew when it is read anew; one that is faulty changes nothing', async () => {
    await set('ann', 'first');
    const { provider, login } = await open();
    await set('ann', 'second');
    expect([await provider.reload(), await provider.reload()]).toEqual([true, false]);
    expect([await login('ann', 'first'), await login('ann', 'second')]).toEqual(['wrong_password', 'in']);
    writeFileSync(file, 'ann:plain text\n\nbob\n');
    await expect(provider.reload()).rejects.toThrow(`${file}:1: the line has no hash`);
    expect(await login('ann', 'second')).toBe('in');
  });

  test('is told with all its faults, and nothing of what stands behind a name', async () => {
    writeFileSync(file, '# users\nann:geheim\n:x\nbob\n');
    const faults = await passwordFileFaults(file, ['authentication', 'providers', 0, 'file']);
    expect(faults.map(({ problem }) => problem)).toEqual([
      `line 2 of ${file} has no hash ($7$, $6$ or $argon2id$) for the user ann`,
      `line 3 of ${file} is not of the form name:hash`,
      `line 4 of ${file} is not of the form name:hash`,
    ]);
    expect(await passwordFileFaults(`${file}-none`, ['a'])).toMatchObject([
      { problem: `${file}-none is not there` },
    ]);
  });

  test('has a stranger checked as costly as a user', async () => {
    await set('ann', 'geheim');
    const { provider } = await open({ concurrencyMax: 1, queueMax: 0 });
    const checks = await Promise.allSettled([
      provider.decide(credentials({ userName: 'stranger', password: 'x' })),
      provider.decide(credentials({ userName: 'ann', password: 'geheim' })),
    ]);
    // The one takes the turn for which the other finds no room.
    expect(checks).toMatchObject([
      { status: 'fulfilled', value: 'ignored' },
      { status: 'rejected', reason: expect.any(AuthenticationBusy) },
    ]);
  });

  test('is not asked for a client that went away while it waited', async () => {
    await set('ann', 'geheim');
    const { provider } = await open();
    const gone = { ...credentials({ userName: 'ann', password: 'geheim' }), isAwaited: () => false };
    await expect(provider.decide(gone)).rejects.toThrow(AuthenticationBusy);
  });
});

describe('surety passwd', () => {
  test('adds, changes and removes a user, and leaves all other lines as they are', async () => {
    writeFileSync(file, '# made by hand\n\n');
    expect([await set('ann', 'one'), await set('bob', 'two')]).toEqual([true, true]);
    const bob = readFileSync(file, 'utf8').split('\n')[3];
    expect(await set('ann', 'three')).toBe(false);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      '# made by hand',
      '',
      expect.stringMatching(/^ann:\$argon2id\$/),
      bob,
      '',
    ]);
    expect(await removeFilePassword(file, 'ann')).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`# made by hand\n\n${bob}\n`);
    expect(await removeFilePassword(file, 'ann')).toBe(false);
  });

  test('keeps the mode of the file and its place behind a link, and leaves nothing beside it', async () => {
    await set('ann', 'one');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o640);
    const link = join(directory, 'link');
    symlinkSync(file, link);
    await setFilePassword(link, { name: 'ann', password: 'two' });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory).sort()).toEqual(['link', 'passwords']);
  });

  test.each([
    ['a:b', 'x', "can't be a user name"],
    ['#a', 'x', "can't be a user name"],
    ['', 'x', "can't be a user name"],
    ['a\nb', 'x', "can't be a user name"],
    ['ann', '', 'the password is empty'],
  ])('refuses the name %j with the password %j', async (name, password, reason) => {
    await expect(set(name, password)).rejects.toThrow(reason);
  });

  test('makes no file unless it is told to, and touches none that is faulty', async () => {
    await expect(setFilePassword(file, { name: 'a', password: 'b' })).rejects.toThrow('-c makes it');
    writeFileSync(file, 'ann:plain\n');
    await expect(set('bob', 'x')).rejects.toThrow(`${file}:1`);
    expect(readFileSync(file, 'utf8')).toBe('ann:plain\n');
  });
});
