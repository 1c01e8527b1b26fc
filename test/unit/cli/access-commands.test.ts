import { describe, expect, test } from '@jest/globals';
import type { CliActions } from '../../../src/adapters/cli/cli.js';
import { notAsked } from '../../support/no-cli-actions.js';
import { runCommand } from '../../support/run-command.js';
import type { Roles } from '../../../src/adapters/cli/role-commands.js';

const run = (args: readonly string[], over: Partial<CliActions> = {}) =>
  runCommand(args, over, { askPassword: notAsked });

describe('surety explain', () => {
  const args = ['explain', '--client', 'c', '--action', 'publish', '--topic', 'a/b'];
  const answer = { isAllowed: true, rule: 'a rule', qosMax: 2, isPartial: false } as const;

  test('names the rule', async () => {
    const explain: CliActions['explain'] = async (options) => ({ ...answer, rule: JSON.stringify(options) });
    expect(await run(args, { explain })).toMatchObject({
      exitCode: 0,
      out: 'allowed: {"qos":0,"retain":false,"client":"c","action":"publish","topic":"a/b"}\n',
    });
    const refuse: CliActions['explain'] = async () => ({ ...answer, isAllowed: false });
    expect((await run(args, { explain: refuse })).out).toBe('refused: a rule\n');
  });

  test('says at which quality a subscription is granted, and whether some of it is held back', async () => {
    const explain: CliActions['explain'] = async () => ({ ...answer, qosMax: 1, isPartial: true });
    const asked = ['explain', '--client', 'c', '--action', 'subscribe', '--topic', '#', '--qos', '2'];
    expect((await run(asked, { explain })).out).toBe(
      'allowed: a rule\ngranted at QoS 1\nsome of its topics may be held back: ask with --action receive\n',
    );
  });

  test.each([0, 2, 4])('needs to know who wants to do what', async (i) => {
    expect((await run(['explain', ...args.slice(1).toSpliced(i, 2)])).exitCode).toBe(2);
  });
});

describe('surety role', () => {
  /** Notes what it is asked for, and changes something each time. */
  const withRoles = async (...args: string[]) => {
    const calls: unknown[][] = [];
    const note =
      <T>(name: string, result: T) =>
      async (...given: unknown[]): Promise<T> => {
        calls.push([name, ...given]);
        return result;
      };
    const roles: Roles = {
      list: note('list', [{ name: 'ops', rules: 2, holders: 1 }]),
      show: note('show', {
        rules: [
          {
            id: 7,
            effect: 'allow',
            actions: ['publish'],
            filter: 'a',
            provider: 'roles',
            source: 'role ops, rule 7',
          },
        ],
        holders: [
          { holder: 'everyone', name: '' },
          { holder: 'user', name: 'ann' },
        ],
      }),
      add: note('add', true),
      remove: note('remove', false),
      addRule: note('addRule', 7),
      removeRule: note('removeRule', true),
      grant: note('grant', true),
      revoke: note('revoke', true),
    };
    return { ...(await run(args, { useRoles: (_, use) => use(roles) })), calls };
  };

  test.each([
    [['role', 'add', 'ops'], ['add', 'ops'], 'added\n'],
    [['role', 'remove', 'ops'], ['remove', 'ops'], 'nothing changed: there is no such role\n'],
    [['role', 'list'], ['list'], 'ops\t2 rules\t1 holders\n'],
    [
      ['role', 'show', 'ops'],
      ['show', 'ops'],
      'allow publish a (role ops, rule 7)\nheld by everyone\nheld by user ann\n',
    ],
    [['role', 'remove-rule', 'ops', '7'], ['removeRule', 'ops', 7], 'removed\n'],
    [
      ['role', 'grant', 'ops', '--user', 'ann'],
      ['grant', 'ops', { holder: 'user', name: 'ann' }],
      'granted\n',
    ],
    [['grant', 'ops', '--client', 'c'], ['grant', 'ops', { holder: 'client', name: 'c' }], 'granted\n'],
    [['revoke', 'ops', '--everyone'], ['revoke', 'ops', { holder: 'everyone', name: '' }], 'revoked\n'],
  ])('%j', async (args, call, out) => {
    expect(await withRoles(...args)).toMatchObject({ exitCode: 0, calls: [call], out });
  });

  test('takes a rule with actions by name, by group, and with a limit of quality', async () => {
    const { calls, out } = await withRoles('role', 'allow', 'ops', 'read,publish', 'a/#', '--qos-max', '1');
    const rule = { effect: 'allow', actions: ['subscribe', 'receive', 'publish'], filter: 'a/#', qosMax: 1 };
    expect([calls, out]).toEqual([[['addRule', 'ops', rule]], 'added rule 7\n']);
  });

  test.each([
    [['role', 'deny', 'ops', 'reed', 'a'], 'there is no action reed'],
    [['role', 'remove-rule', 'ops', 'x'], 'a rule has a number'],
    [['grant', 'ops'], 'say who'],
    [['grant', 'ops', '--user', 'a', '--client', 'b'], 'say who'],
  ])('%j is refused', async (args, problem) => {
    const { calls, err, exitCode } = await withRoles(...args);
    expect([calls, exitCode]).toEqual([[], 1]);
    expect(err).toContain(problem);
  });
});
