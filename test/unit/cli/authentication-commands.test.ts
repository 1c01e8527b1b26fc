import { describe, expect, test } from '@jest/globals';
import type { CliActions } from '../../../src/adapters/cli/cli.js';
import { runCommand } from '../../support/run-command.js';

/** Runs a command whose deeds are only written down. */
async function run(...args: string[]) {
  return runOn(true, ...args);
}

/** The same. @param isThere Whether there is such a user to remove. */
async function runOn(isThere: boolean, ...args: string[]) {
  const calls: unknown[][] = [];
  const noted =
    <T>(name: string, result: T) =>
    (...given: unknown[]): Promise<T> => {
      calls.push([name, ...given]);
      return Promise.resolve(result);
    };
  const actions: Partial<CliActions> = {
    passwd: { set: noted('set', true), remove: noted('remove', isThere) },
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

  test('with -D for a user that is not there ends as every command does that finds nothing', async () => {
    const { exitCode, err } = await runOn(false, 'passwd', '-D', 'f', 'ann');
    expect([exitCode, err]).toEqual([3, 'surety: f has no user ann\n']);
  });

  test.each([
    [['-D', 'f', 'ann', 'x'], 2, '-D takes a file and a user'],
    [['-D', '-b', 'f', 'ann'], 2, '-D takes a file and a user'],
    [['f', 'ann', 'x'], 2, 'needs -b'],
    [['-b', 'f', 'ann'], 2, '-b needs a password'],
    [['f'], 2, "missing required argument 'user'"],
    [['-U', 'f', 'ann'], 2, "unknown option '-U'"],
  ])('with %j does nothing and says why', async (args, exitCode, reason) => {
    const outcome = await run('passwd', ...args);
    expect(outcome).toMatchObject({ exitCode, out: '', calls: [] });
    expect(outcome.err).toContain(reason);
  });
});
