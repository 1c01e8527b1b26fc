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
  const [createdAt, changedAt] = [new Date(0), new Date(1000)];
  const ban = { address: undefined, clientId: 'c1', userName: 'ann', reason: 'test', by: 'carol' };
  const actions: Partial<CliActions> = {
    passwd: { set: noted('set', true), remove: noted('remove', undefined) },
    users: {
      add: noted('add', undefined),
      setPassword: noted('setPassword', undefined),
      setDisabled: noted('setDisabled', undefined),
      remove: noted('remove', undefined),
      list: noted('list', [{ name: 'a\tb', isDisabled: true, createdAt, changedAt }]),
    },
    bans: {
      add: noted('add', undefined),
      remove: noted('remove', undefined),
      list: noted('list', [{ ...ban, createdAtMs: 0, expiresAtMs: undefined } as never]),
    },
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

describe('surety user', () => {
  test.each([
    [['add', 'ann'], ['add', {}, 'ann', 'typed'], 'added ann\n'],
    [['add', 'ann', '-b', 'x'], ['add', { batch: 'x' }, 'ann', 'x'], 'added ann\n'],
    [['passwd', 'ann'], ['setPassword', {}, 'ann', 'typed'], 'changed the password of ann\n'],
    [['remove', 'ann', '-c', 'f'], ['remove', { config: 'f' }, 'ann'], 'removed ann\n'],
    [['disable', 'ann'], ['setDisabled', {}, 'ann', true], 'disabled ann\n'],
    [['enable', 'ann'], ['setDisabled', {}, 'ann', false], 'enabled ann\n'],
  ])('%j does it and says so', async (args, call, out) => {
    expect(await run('user', ...args)).toEqual({ exitCode: 0, err: '', out, calls: [call] });
  });

  test('list prints a line for each, in which no name makes another column', async () => {
    expect((await run('user', 'list')).out).toBe(
      'a\\tb\tdisabled\t1970-01-01T00:00:00.000Z\t1970-01-01T00:00:01.000Z\n',
    );
  });

  test.each([[['add']], [['rename', 'ann']], [['disable', 'ann', 'bob']]])(
    '%j is wrong usage',
    async (args) => {
      expect(await run('user', ...args)).toMatchObject({ exitCode: 2, calls: [] });
    },
  );
});

describe('surety ban', () => {
  test.each([
    [[], undefined],
    [['--for', '30s'], 30_000],
    [['--for', '15m'], 900_000],
    [['--for', '12h'], 43_200_000],
    [['--for', '7d'], 604_800_000],
  ])('add %j holds %s ms', async (args, forMs) => {
    const subject = { address: undefined, clientId: 'c1', userName: 'ann' };
    const options = ['--client', 'c1', '--user', 'ann', '--reason', 'noise'];
    const { calls, out } = await run('ban', 'add', ...options, ...args);
    expect([calls, out]).toEqual([
      [['add', expect.anything(), { ...subject, reason: 'noise', forMs }]],
      'banned\n',
    ]);
  });

  test('remove names the ban as it was imposed', async () => {
    const { calls } = await run('ban', 'remove', '--address', '192.0.2.0/24');
    expect(calls).toMatchObject([['remove', {}, { address: { text: '192.0.2.0/24' }, clientId: undefined }]]);
  });

  test('list says whom, until when, why and by whom', async () => {
    expect((await run('ban', 'list')).out).toBe('client "c1", user "ann"\tfor good\ttest\tcarol\n');
  });

  test.each([
    [['add'], 1, 'say whom'],
    [['remove'], 1, 'say whom'],
    [['add', '--user', 'a', '--for', '5'], 2, 'It must look like 30s'],
    [['add', '--user', 'a', '--for', '0s'], 2, 'It must look like 30s'],
    [['add', '--address', '192.0.2.1/33'], 2, 'It must be an address'],
  ])('%j does nothing and says why', async (args, exitCode, reason) => {
    const outcome = await run('ban', ...args);
    expect(outcome).toMatchObject({ exitCode, calls: [] });
    expect(outcome.err).toContain(reason);
  });
});
