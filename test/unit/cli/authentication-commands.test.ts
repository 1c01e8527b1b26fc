import { describe, expect, test } from '@jest/globals';
import type { CliActions } from '../../../src/adapters/cli/cli.js';
import { runCommand } from '../../support/run-command.js';

/** Runs a command whose deeds are only written down. */
async function run(...args: string[]) {
  const calls: unknown[][] = [];
  const noted =
    <T>(name: string, result: T) =>
    (...given: unknown[]): Promise<T> => {
      calls.push([name, ...given]);
      return Promise.resolve(result);
    };
  const actions: Partial<CliActions> = {
    passwd: { set: noted('set', true), remove: noted('remove', undefined) },
  };
  return { ...(await runCommand(args, actions)), calls };
}

describe('surety passwd', () => {
  test.each([
    [['f', 'ann'], 'set', { name: 'ann', password: 'typed', create: false }],
    [['-c', 'f', 'ann'], 'set', { name: 'ann', password: 'typed', create: true }],
    [['-b', 'f', 'ann', 'x'], 'set', { name: 'ann', password: 'x', create: false }],
    [['-c', '-b', 'f', 'ann', 'x'], 'set', { name: 'ann', password: 'x', create: true }],
    [['-D', 'f', 'ann'], 'remove', 'ann'],
  ])('with %j does what mosquitto_passwd does', async (args, deed, what) => {
    expect(await run('passwd', ...args)).toMatchObject({ exitCode: 0, err: '', calls: [[deed, 'f', what]] });
  });

  test.each([
    [['-D', 'f', 'ann', 'x'], 1, '-D takes a file and a user'],
    [['-D', '-b', 'f', 'ann'], 1, '-D takes a file and a user'],
    [['f', 'ann', 'x'], 1, 'needs -b'],
    [['-b', 'f', 'ann'], 1, '-b needs a password'],
    [['f'], 2, "missing required argument 'user'"],
    [['-U', 'f', 'ann'], 2, "unknown option '-U'"],
  ])('with %j does nothing and says why', async (args, exitCode, reason) => {
    const outcome = await run('passwd', ...args);
    expect(outcome).toMatchObject({ exitCode, out: '', calls: [] });
    expect(outcome.err).toContain(reason);
  });
});
