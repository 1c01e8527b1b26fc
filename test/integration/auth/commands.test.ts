import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hashPassword } from '../../../src/adapters/auth/password-hash.js';
import type { Sql } from '../../../src/adapters/postgres/connect.js';
import { PostgresBanStore } from '../../../src/adapters/postgres/postgres-ban-store.js';
import { PostgresUsers } from '../../../src/adapters/postgres/postgres-users.js';
import { parseAddressRange } from '../../../src/domain/access/address-range.js';
import { DurableBroker } from '../../support/durable-broker.js';
import { connect } from '../../support/packets.js';
import { waitUntil } from '../../support/wait-until.js';

let broker: DurableBroker;
let users: PostgresUsers;
let bans: PostgresBanStore;
const CAROL = { principal: 'carol', authentication: 'command_line' } as const;

beforeAll(async () => {
  const providers = [{ type: 'userTable' as const }];
  const listeners = [{ host: '127.0.0.1', port: 0, transport: 'tcp' as const, allowAnonymous: false }];
  broker = await DurableBroker.start({
    config: { listeners, authentication: { providers } },
  });
  const ask = async <T>(query: (sql: Sql) => PromiseLike<T>) => query(broker.sql);
  const pool = { use: ask, read: ask };
  users = new PostgresUsers(pool);
  bans = new PostgresBanStore(pool, { onNotice: () => undefined });
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
  expect(await users.add('ann', await hashPassword('geheim'), CAROL)).toBe(true);
  expect(await users.add('ann', 'x', CAROL)).toBe(false);
  const first = await login('ann');
  expect([first.code, (await login('ann', 'wrong')).code]).toEqual([0, 4]);
  await users.change('ann', { isDisabled: true }, CAROL);
  await first.client.whenClosed();
  expect((await login('ann')).code).toBe(4);
  await users.change('ann', { isDisabled: false }, CAROL);
  await users.change('ann', { passwordHash: await hashPassword('new') }, CAROL);
  const second = await login('ann', 'new');
  expect(second.code).toBe(0);
  expect(await users.remove('ann', CAROL)).toBe(true);
  await second.client.whenClosed();
  expect(await users.remove('ann', CAROL)).toBe(false);
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

test('users are listed by name, page by page, and found', async () => {
  for (const name of ['y', 'x', 'z']) await users.add(name, 'h', CAROL);
  const namesOf = (page: readonly { readonly name: string }[]) => page.map(({ name }) => name);
  expect(namesOf(await users.list({ limit: 2 }))).toEqual(['x', 'y']);
  expect(namesOf(await users.list({ limit: 2, after: 'y' }))).toEqual(['z']);
  expect(await users.find('x')).toMatchObject({ isDisabled: false, createdAtMs: expect.any(Number) });
  expect(await users.find('w')).toBeUndefined();
  for (const name of ['x', 'y', 'z']) await users.remove(name, CAROL);
  await waitForTold(11);
});

test('a deed of the admin API is told with who called, from where, and by which request', async () => {
  const token = { principal: 'night-shift', authentication: 'admin_token', requestId: 'r-1' } as const;
  await users.add('ina', 'h', { ...token, address: '192.0.2.1', listener: 'admin' });
  const record = async () =>
    broker.sql<Record<string, unknown>[]>`
      select principal, authentication, address, listener, details ->> 'requestId' as request
      from surety.audit_event where kind = 'user.added' and authentication = 'admin_token'`;
  await waitUntil(async () => (await record()).length > 0, 'the record');
  expect(await record()).toMatchObject([
    { principal: 'night-shift', address: '192.0.2.1', listener: 'admin', request: 'r-1' },
  ]);
});

test('what was done while no broker could hear it is told by the next', async () => {
  const before = (await told()).length;
  broker.interruptDatabase();
  await users.add('bob', await hashPassword('geheim'), CAROL);
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
  const traits = { reason: 'test', by: 'carol', createdAtMs: Date.now(), expiresAtMs: undefined };
  await bans.add({ ...subject, ...traits }, CAROL);
  await client.whenClosed();
  await broker.restart();
  expect((await login('bob')).code).toBe(5);
  expect(await bans.load(Date.now())).toMatchObject([{ userName: 'bob', reason: 'test' }]);
  expect(await bans.remove(subject, CAROL)).toBe(true);
  expect(await bans.remove(subject, CAROL)).toBe(false);
  const isLetIn = async (): Promise<boolean> => {
    const again = await login('bob');
    if (again.code !== 0) again.client.destroy();
    return again.code === 0;
  };
  await waitUntil(isLetIn, 'bob to be let in');
});
