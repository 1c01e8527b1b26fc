import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hashPassword } from '../../../src/adapters/auth/password-hash.js';
import { BanAdministration } from '../../../src/adapters/postgres/ban-administration.js';
import { UserAdministration } from '../../../src/adapters/postgres/user-administration.js';
import { parseAddressRange } from '../../../src/domain/access/address-range.js';
import { DurableBroker } from '../../support/durable-broker.js';
import { connect } from '../../support/packets.js';
import { waitUntil } from '../../support/wait-until.js';

let broker: DurableBroker;
let users: UserAdministration;
let bans: BanAdministration;

beforeAll(async () => {
  const providers = [{ type: 'userTable' as const }];
  const listeners = [{ host: '127.0.0.1', port: 0, transport: 'tcp' as const, allowAnonymous: false }];
  broker = await DurableBroker.start({
    config: { listeners, authentication: { providers } },
  });
  users = new UserAdministration(broker.sql, 'carol');
  bans = new BanAdministration(broker.sql, 'carol');
}, 60_000);
afterAll(() => broker.end());

const login = async (userName: string, password = 'geheim') => {
  const client = await broker.open();
  client.send(connect({ clientId: `of-${userName}`, username: userName, password }));
  return { client, code: (await client.take('connack')).returnCode };
};
const told = () =>
  broker.sql<{ kind: string; principal: string; user: string | null; change: string | null }[]>`
    select kind, principal, details ->> 'user' as user, details ->> 'change' as change
    from surety.audit_event where authentication = 'command_line' order by sequence`;
const waitForTold = async (count: number) => {
  await waitUntil(async () => (await told()).length >= count, `${count} records`);
};

test('users come and go beside the running broker, and the trail tells of each deed once', async () => {
  expect((await login('ann')).code).toBe(4);
  await users.add('ann', await hashPassword('geheim'));
  await expect(users.add('ann', 'x')).rejects.toThrow('there is a user ann already');
  const first = await login('ann');
  expect([first.code, (await login('ann', 'wrong')).code]).toEqual([0, 4]);
  await users.setDisabled('ann', true);
  await first.client.whenClosed();
  expect((await login('ann')).code).toBe(4);
  await users.setDisabled('ann', false);
  await users.setPassword('ann', await hashPassword('new'));
  const second = await login('ann', 'new');
  expect(second.code).toBe(0);
  await users.remove('ann');
  await second.client.whenClosed();
  await expect(users.remove('ann')).rejects.toThrow('there is no user ann');
  await waitForTold(5);
  expect([...(await told())]).toEqual([
    { kind: 'user.added', principal: 'carol', user: 'ann', change: null },
    { kind: 'user.changed', principal: 'carol', user: 'ann', change: 'disabled' },
    { kind: 'user.changed', principal: 'carol', user: 'ann', change: 'enabled' },
    { kind: 'user.changed', principal: 'carol', user: 'ann', change: 'password' },
    { kind: 'user.removed', principal: 'carol', user: 'ann', change: null },
  ]);
  expect(await broker.count('admin_action')).toBe(0);
});

test('what was done while no broker could hear it is told by the next', async () => {
  const before = (await told()).length;
  broker.interruptDatabase();
  await users.add('bob', await hashPassword('geheim'));
  expect(await broker.count('admin_action')).toBe(1);
  await broker.crash();
  await waitForTold(before + 1);
  expect((await told()).at(-1)).toMatchObject({ kind: 'user.added', user: 'bob' });
  expect(await broker.count('admin_action')).toBe(0);
});

test('a ban ends connections and keeps out, over a restart of the broker as well', async () => {
  const { client, code } = await login('bob');
  expect(code).toBe(0);
  const subject = { address: parseAddressRange('127.0.0.0/8'), clientId: undefined, userName: 'bob' };
  await bans.add({
    ...subject,
    reason: 'test',
    by: 'carol',
    createdAtMs: Date.now(),
    expiresAtMs: undefined,
  });
  await client.whenClosed();
  await broker.restart();
  expect((await login('bob')).code).toBe(5);
  expect(await bans.list(Date.now())).toMatchObject([{ userName: 'bob', reason: 'test' }]);
  await bans.remove(subject);
  const isLetIn = async (): Promise<boolean> => {
    const again = await login('bob');
    if (again.code !== 0) again.client.destroy();
    return again.code === 0;
  };
  await waitUntil(isLetIn, 'bob to be let in');
});
