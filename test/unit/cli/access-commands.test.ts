import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AdminActions, Stored, StoredLists } from '../../../src/adapters/cli/admin/admin-actions.js';
import { ManageRoles } from '../../../src/application/administration/manage-roles.js';
import { ManageUsers } from '../../../src/application/administration/manage-users.js';
import { settledByItself } from '../../../src/application/administration/settle-change.js';
import { endAdminApis, makeAdminApi } from '../../support/admin-api.js';
import { FakeBanStore } from '../../support/fake-ban-store.js';
import { FakeRoleDirectory, FakeUserDirectory } from '../../support/fake-directories.js';
import { NO_ACTIONS } from '../../support/no-cli-actions.js';
import { runCommand } from '../../support/run-command.js';

afterEach(endAdminApis);

type Run = (...args: string[]) => ReturnType<typeof runCommand>;

const running = async () => {
  const api = await makeAdminApi();
  const route = () => ({ url: api.address, secret: 'administer', certificate: undefined });
  const run: Run = (...args) => runCommand(args, { admin: { ...NO_ACTIONS.admin, route } });
  return { ...api, run };
};

const explained = { isAllowed: true, rule: 'a rule', qosMax: 1, isPartial: true } as const;

/** Commands where no broker answers. */
const stopped = (over: Partial<AdminActions> = {}) => {
  const [users, roles, banStore] = [new FakeUserDirectory(), new FakeRoleDirectory(), new FakeBanStore()];
  const stored: Stored = {
    users: new ManageUsers(
      users,
      (password) => Promise.resolve(`hash of ${password.length}`),
      settledByItself,
    ),
    roles: new ManageRoles(roles, settledByItself),
    bans: banStore,
    lists: {} as StoredLists,
    caller: { principal: 'carol', authentication: 'command_line' },
  };
  const explain = () => Promise.resolve(explained);
  const admin = { ...NO_ACTIONS.admin, withStored: ((_, use) => use(stored)) as AdminActions['withStored'] };
  const run: Run = (...args) => runCommand(args, { admin: { ...admin, explain, ...over } });
  return { users, roles, banStore, run };
};

const LINES: readonly (readonly [line: string, exitCode: number, out: string | RegExp, err?: string])[] = [
  ['user add ann', 0, 'added ann\n'],
  ['user add ann', 1, '', 'there is a user'],
  ['user add bob -b x', 0, 'added bob\n'],
  ['user add bob\u0007 -b x', 1, '', 'no control characters'],
  ['user passwd bob', 0, 'changed the password of bob\n'],
  ['user passwd eve', 3, '', 'there is no user'],
  ['user disable bob', 0, 'disabled bob\n'],
  ['user show bob --json', 0, /^\{"name":"bob","disabled":true,"createdAt":"/],
  ['user enable bob', 0, 'enabled bob\n'],
  ['user remove ann', 0, 'removed ann\n'],
  ['user remove ann', 3, '', 'there is no user'],
  ['user list', 0, /^NAME +DISABLED +ADDED +CHANGED\nbob +false +1970-/],
  ['role add ops', 0, 'added ops\n'],
  ['role add ops', 1, '', 'already'],
  ['role allow ops read,publish a/# --qos-max 1', 0, 'added rule 1\n'],
  ['role deny ops all a/x', 0, 'added rule 2\n'],
  ['role deny ops all a#', 1, '', 'is not a topic filter'],
  ['role deny nobody all a', 3, '', 'there is no role'],
  ['role deny ops reed a', 2, '', 'There is no action reed'],
  ['grant ops --user ann', 0, 'granted\n'],
  ['role grant ops --user ann', 0, 'nothing changed: it has the role already\n'],
  ['grant ops --client c', 0, 'granted\n'],
  ['grant ops --everyone', 0, 'granted\n'],
  ['grant ops', 2, '', 'say who'],
  ['grant ops --user a --client b', 2, '', 'say who'],
  ['grant nobody --user a', 3, '', 'there is no role'],
  [
    'role show ops',
    0,
    'allow subscribe,receive,publish a/# up to QoS 1 (role ops, rule 1)\ndeny all a/x (role ops, rule 2)\n' +
      'held by client c\nheld by everyone\nheld by user ann\n',
  ],
  ['role show nobody', 3, '', 'there is no role'],
  ['revoke ops --client c', 0, 'revoked\n'],
  ['revoke ops --client c', 0, 'nothing changed: it does not have the role\n'],
  ['role remove-rule ops 2', 0, 'removed rule 2 of ops\n'],
  ['role remove-rule ops 2', 3, '', 'rule 2'],
  ['role remove-rule ops x', 2, '', 'A rule has a number'],
  ['role list', 0, /^ROLE +RULES +HOLDERS\nops +1 +2\n$/],
  ['role remove ops', 0, 'removed ops\n'],
  ['role remove ops', 3, '', 'there is no role'],
  ['ban add --client c1 --user ann --reason noise', 0, 'banned\n'],
  ['ban add --address 192.0.2.0/24 --for 12h --json', 0, '{"durable":true}\n'],
  ['ban add', 2, '', 'say whom'],
  ['ban add --user a --for 5', 2, '', 'It must look like 30s'],
  ['ban add --user a --for 0s', 2, '', 'It must look like 30s'],
  ['ban add --user a --for 9999d', 2, '', 'ten years at most'],
  ['ban add --address 192.0.2.1/33', 2, '', 'It must be an address'],
  ['ban list', 0, /^ADDRESS[^\n]*\n[^\n]*c1 +ann +- +noise[^\n]*\n192\.0\.2\.0\/24 +- +- +\d{4}-/],
  ['ban remove --address 192.0.2.0/24', 0, 'lifted\n'],
  ['ban remove --address 192.0.2.0/24', 3, '', 'there is no such ban'],
  ['ban remove', 2, '', 'say whom'],
];

describe.each(['a broker that runs', 'the database of one that does not'])('commands on %s', (place) => {
  test('do what they say, and say why not', async () => {
    const { run } = place.startsWith('a') ? await running() : stopped();
    const told: unknown[] = [];
    for (const [line, , out, err] of LINES) {
      const { exitCode, ...texts } = await run(...line.split(' '));
      told.push([line, exitCode, matched(texts.out, out), texts.err.includes(err ?? '')]);
    }
    expect(told).toEqual(LINES.map(([line, exitCode]) => [line, exitCode, true, true]));
  });

  test('advise commands, and not calls of the API', async () => {
    const { run } = place.startsWith('a') ? await running() : stopped();
    const refused = [
      'user remove nobody',
      'role show nobody',
      'role remove-rule nobody 1',
      'ban remove --user nobody',
    ];
    for (const line of refused) expect((await run(...line.split(' '))).err).not.toMatch(/v1|body\//);
  });

  test('ask for passwords where none is given, and keep their hashes alone', async () => {
    const { run, users } = place.startsWith('a') ? await running() : stopped();
    await run('user', 'add', 'ann');
    expect([...users.hashes]).toEqual([['ann', `hash of ${'typed'.length}`]]);
  });
});

test('changes through the broker bear the name of the token, others that of the operator', async () => {
  const [broker, database] = [await running(), stopped()];
  for (const { run } of [broker, database]) {
    await run('user', 'add', 'ann');
    await run('role', 'add', 'ops');
    await run('ban', 'add', '--client', 'c');
  }
  for (const { users, roles, banStore } of [broker, database])
    expect([users, roles, banStore].map(({ changers }) => changers.length)).toEqual([1, 1, 1]);
  const requestId = expect.any(String) as unknown;
  const token = { principal: 't-administer', authentication: 'admin_token', address: '127.0.0.1', requestId };
  expect(broker.users.changers).toMatchObject([token]);
  expect(broker.banStore.changers).toMatchObject([token]);
  expect(database.roles.changers).toEqual([{ principal: 'carol', authentication: 'command_line' }]);
});

describe('surety explain', () => {
  const args = ['explain', '--client', 'c', '--action', 'subscribe', '--topic', '#', '--qos', '2'];

  test('asks the broker', async () => {
    const { run } = await running();
    expect((await run(...args)).out).toBe('allowed: no rules are configured: everything is allowed\n');
    expect(JSON.parse((await run(...args, '--user', 'ann', '--role', 'a', 'b', '--json')).out)).toEqual({
      ...{ allowed: true, rule: 'no rules are configured: everything is allowed', qosMax: 2, partial: false },
    });
  });

  test('without a broker names the rule, the quality that is granted, and whether some is held back', async () => {
    expect((await stopped().run(...args)).out).toBe(
      'allowed: a rule\ngranted at QoS 1\nsome of its topics may be held back: ask with --action receive\n',
    );
    const explain = () => Promise.resolve({ ...explained, isAllowed: false });
    expect((await stopped({ explain }).run(...args)).out).toBe(
      'refused: a rule\nsome of its topics may be held back: ask with --action receive\n',
    );
  });

  test.each([1, 3, 5])('needs to know who wants to do what', async (i) => {
    expect((await stopped().run(...args.toSpliced(i, 2))).exitCode).toBe(2);
  });
});

describe('without a broker', () => {
  test('a list that needs none says where it comes from, and others end with exit code 4', async () => {
    const { run } = stopped();
    expect((await run('user', 'list')).err).toContain(
      'no broker answers here: this is what its database holds',
    );
    expect(await run('client', 'list')).toMatchObject({ exitCode: 4, out: '' });
  });

  test('only a refused connection stands for one that does not run', async () => {
    // Answers in no language that HTTP knows, as a listener with TLS does.
    const server = createServer((socket) => socket.resume().end('\u0015\u0003\u0001'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const route = () => ({ url: `http://127.0.0.1:${port}`, secret: 'x', certificate: undefined });
    const { run, users } = stopped({ route });
    expect(await run('user', 'add', 'ann', '-b', 'x')).toMatchObject({ exitCode: 4, out: '' });
    expect(await run('token', 'list')).toMatchObject({ exitCode: 4 });
    await new Promise((resolve) => server.close(resolve));
    expect(users.hashes.size).toBe(0);
    expect(await run('user', 'add', 'ann', '-b', 'x')).toMatchObject({ exitCode: 0 });
  });
});

function matched(text: string, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? text === expected : expected.test(text);
}
