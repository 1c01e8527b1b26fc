import { expect, test } from '@jest/globals';
import { PasswordChecker } from '../../../../src/adapters/auth/password-checker.js';
import { decoyOf } from '../../../../src/adapters/auth/password-hash.js';
import type { PasswordVerifier } from '../../../../src/adapters/auth/password-verifier.js';
import { AuthenticationBusy } from '../../../../src/application/ports/authentication-provider.js';

/** Answers when it is told to. */
class HeldVerifier implements PasswordVerifier {
  readonly asked: string[] = [];
  isStopped = false;
  private readonly answers: { resolve(isRight: boolean): void; reject(error: Error): void }[] = [];

  verify(_: unknown, password: Uint8Array): Promise<boolean> {
    this.asked.push(Buffer.from(password).toString());
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }

  stop(): Promise<void> {
    this.isStopped = true;
    return Promise.resolve();
  }

  /** The one that has waited longest. */
  answer(answer: boolean | Error): Promise<void> {
    const next = this.answers.shift();
    if (answer instanceof Error) next?.reject(answer);
    else next?.resolve(answer);
    return turn();
  }
}

/** Lets everything run that waits for nothing. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const open = (limits = { concurrencyMax: 1, queueMax: 2 }) => {
  const verifier = new HeldVerifier();
  const checker = new PasswordChecker(verifier, limits);
  const stored = decoyOf(undefined);
  const check = (password: string, isAwaited = () => true) =>
    checker.check(stored, Buffer.from(password), isAwaited);
  return { verifier, checker, check };
};

test('checks no more at a time than it may, the longest waiting first, and each for itself', async () => {
  const { verifier, check } = open();
  const checks = [check('a'), check('b'), check('c')];
  await turn();
  expect(verifier.asked).toEqual(['a']);
  await verifier.answer(true);
  await verifier.answer(false);
  await verifier.answer(true);
  expect(verifier.asked).toEqual(['a', 'b', 'c']);
  expect(await Promise.all(checks)).toEqual([true, false, true]);
});

test('refuses whom it has no room for, at once', async () => {
  const { verifier, check } = open();
  void check('a');
  void check('b');
  void check('c');
  await expect(check('d')).rejects.toThrow(AuthenticationBusy);
  expect(verifier.asked).toEqual(['a']);
});

test('one check that fails fails alone, and whoever hung up costs nothing', async () => {
  const { verifier, check } = open();
  const failing = expect(check('a')).rejects.toThrow('no memory');
  const gone = expect(check('b', () => false)).rejects.toThrow(AuthenticationBusy);
  const last = check('c');
  await turn();
  await verifier.answer(new Error('no memory'));
  await Promise.all([failing, gone]);
  await verifier.answer(true);
  expect([await last, verifier.asked]).toEqual([true, ['a', 'c']]);
});

test('its end is that of the work', async () => {
  const { verifier, checker } = open();
  await checker.stop();
  expect(verifier.isStopped).toBe(true);
});
