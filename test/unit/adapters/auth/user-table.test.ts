import { expect, test } from '@jest/globals';
import { PasswordChecker } from '../../../../src/adapters/auth/password-checker.js';
import { costOf, hashPassword, type PasswordHash } from '../../../../src/adapters/auth/password-hash.js';
import { UserTableProvider } from '../../../../src/adapters/auth/user-table-provider.js';
import { blockingVerifier } from '../../../support/blocking-verifier.js';
import { credentials } from '../../../support/credentials.js';

const passwordHash = await hashPassword('geheim');

/** A provider of a table with one user, ann; it tells what the checks have cost. */
function open(ann: { readonly isDisabled?: boolean; readonly passwordHash?: string } = {}) {
  const user = { passwordHash, isDisabled: false, ...ann };
  const costs: string[] = [];
  const verify = (stored: PasswordHash, password: Uint8Array) => {
    costs.push(costOf(stored));
    return blockingVerifier.verify(stored, password);
  };
  const checker = new PasswordChecker({ ...blockingVerifier, verify }, { concurrencyMax: 1, queueMax: 1 });
  const users = {
    find: (name: string) => Promise.resolve(name === 'ann' ? user : undefined),
    enabledOf: () => Promise.resolve(new Set<string>()),
  };
  const provider = new UserTableProvider('table', users, checker);
  const login = (userName: string, password: string) => provider.decide(credentials({ userName, password }));
  return { login, costs };
}

test('a disabled user is refused with the right password, too', async () => {
  const { login } = open({ isDisabled: true });
  expect(await login('ann', 'geheim')).toEqual({ refusal: 4, reason: 'user_disabled' });
  expect(await login('ann', 'other')).toEqual({ refusal: 4, reason: 'wrong_password' });
});

test('a stranger costs as much as a user', async () => {
  const { login, costs } = open();
  expect(await login('ann', 'other')).toMatchObject({ reason: 'wrong_password' });
  expect(await login('eve', 'geheim')).toBe('ignored');
  expect(costs).toHaveLength(2);
  expect(costs[1]).toBe(costs[0]);
});

test('a hash that can not be read is an error, and lets nobody in', async () => {
  const { login } = open({ passwordHash: 'geheim' });
  await expect(login('ann', 'geheim')).rejects.toThrow('no valid hash for the user ann');
});
