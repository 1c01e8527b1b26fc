import { describe, expect, test } from '@jest/globals';
import { Bans } from '../../../../src/application/authentication/bans.js';
import { FailureWatch } from '../../../../src/application/authentication/failure-watch.js';
import { GuardedAuthentication } from '../../../../src/application/authentication/guarded-authentication.js';
import { AuditRecorder } from '../../../../src/application/audit-recorder.js';
import { BrokerState } from '../../../../src/application/broker-state.js';
import type { EndConnection } from '../../../../src/application/end-connection.js';
import { parseAddressRange } from '../../../../src/domain/access/address-range.js';
import type { Ban } from '../../../../src/domain/access/ban.js';
import { named } from '../../../../src/domain/access/principal.js';
import { credentials } from '../../../support/credentials.js';
import { FakeBanStore } from '../../../support/fake-ban-store.js';
import { FakeTrail } from '../../../support/fake-trail.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

async function make(
  settings: { max?: number; addressMax?: number; trusted?: string[] } = {},
  store = new FakeBanStore(),
) {
  const [clock, trail, state] = [new ManualClock(), new FakeTrail(), new BrokerState()];
  const audit = new AuditRecorder(trail, clock, { foldSeconds: 0 });
  const endConnection = { end: () => undefined } as unknown as EndConnection;
  const bans = new Bans({ state, store, endConnection, audit, clock, logger: silentLogger });
  await bans.start();
  const asked: string[] = [];
  const inner = {
    authenticate: ({
      userName,
      password,
    }: {
      userName: string | undefined;
      password: Uint8Array | undefined;
    }) => {
      asked.push(userName ?? '');
      return Promise.resolve(
        Buffer.from(password ?? []).toString() === 'geheim'
          ? { principal: named(userName), authentication: 'test' }
          : ({ refusal: 4, reason: 'wrong_password' } as const),
      );
    },
  };
  const guard = new GuardedAuthentication(inner, bans, clock, {
    ...{ max: settings.max ?? 3, addressMax: settings.addressMax ?? 0, withinMs: 60_000, banMs: 300_000 },
    trusted: (settings.trusted ?? []).map((text) => parseAddressRange(text)!),
  });
  const login = async (
    password: string,
    changes: { clientId?: string; remoteAddress?: string; userName?: string } = {},
  ) => {
    const result = await guard.authenticate(credentials({ userName: 'ann', ...changes, password }));
    return 'refusal' in result ? result.reason : 'in';
  };
  return { clock, trail, store, bans, login, asked };
}

const failTimes = async (
  login: (password: string, changes?: object) => Promise<unknown>,
  times: number,
  changes = {},
) => {
  for (let i = 0; i < times; i++) await login('wrong', changes);
};

describe('a client that fails again and again', () => {
  test('waits, also with the right password, and is not even checked; others at its address do not wait', async () => {
    const { login, asked, trail } = await make();
    await failTimes(login, 3);
    const checks = asked.length;
    expect([await login('geheim'), asked.length]).toEqual(['banned', checks]);
    expect([
      await login('geheim', { clientId: 'neighbour' }),
      await login('geheim', { remoteAddress: '192.0.2.2' }),
    ]).toEqual(['in', 'in']);
    expect(trail.of('ban.added')).toMatchObject([
      { clientId: 'client', address: '192.0.2.1', reason: 'repeated_failures' },
    ]);
  });

  test('is let in when its time is over, and the trail tells of that too', async () => {
    const { login, clock, trail, store } = await make();
    await failTimes(login, 3);
    expect(store.bans.size).toBe(1);
    clock.advance(300_000);
    expect(await login('geheim')).toBe('in');
    clock.advance(10_000);
    expect(trail.of('ban.removed')).toMatchObject([{ reason: 'expired', clientId: 'client' }]);
    expect(store.bans.size).toBe(0);
  });

  test('is not banned for failures that lie far apart, or with a success between them', async () => {
    const { login, clock } = await make();
    await failTimes(login, 2);
    clock.advance(60_000);
    await failTimes(login, 2);
    await login('geheim');
    await failTimes(login, 2);
    expect(await login('geheim')).toBe('in');
  });
});

test('an address from which ever other clients fail is banned as a whole', async () => {
  const { login, trail } = await make({ addressMax: 4 });
  for (const clientId of ['a', 'b', 'c', 'd']) await login('wrong', { clientId });
  expect(await login('geheim', { clientId: 'e' })).toBe('banned');
  expect(trail.of('ban.added')).toMatchObject([{ address: '192.0.2.1', clientId: undefined }]);
});

test('failures at trusted addresses are not counted', async () => {
  const { login } = await make({ trusted: ['192.0.2.0/24'], addressMax: 1 });
  await failTimes(login, 9);
  expect(await login('geheim')).toBe('in');
});

describe('bans from outside', () => {
  const ban = (subject: Partial<Ban>): Ban => ({
    ...{ address: undefined, clientId: undefined, userName: undefined, reason: 'by hand', by: 'root' },
    ...{ createdAtMs: 0, expiresAtMs: undefined, ...subject },
  });

  test.each([
    ['an address', { address: parseAddressRange('192.0.2.0/24') }],
    ['a client id', { clientId: 'client' }],
    ['a user name', { userName: 'ann' }],
    ['all of them', { address: parseAddressRange('192.0.2.1'), clientId: 'client', userName: 'ann' }],
  ])('of %s keep clients out, from the start of the broker on', async (_, subject) => {
    const store = new FakeBanStore();
    await store.add(ban(subject));
    const { login } = await make({}, store);
    expect(await login('geheim')).toBe('banned');
    expect(await login('geheim', { remoteAddress: '203.0.113.1', clientId: 'x', userName: 'y' })).toBe('in');
  });

  test('hold only for who is all that they name', async () => {
    const store = new FakeBanStore();
    await store.add(ban({ clientId: 'client', userName: 'bob' }));
    const { login } = await make({}, store);
    expect([await login('geheim'), await login('geheim', { userName: 'bob' })]).toEqual(['in', 'banned']);
  });

  test('that were lifted meanwhile let clients in; while the store is away those in memory hold', async () => {
    const store = new FakeBanStore();
    await store.add(ban({ clientId: 'client' }));
    const { login, bans } = await make({}, store);
    store.bans.clear();
    store.isAway = true;
    store.tell();
    await bans.readAnew();
    expect(await login('geheim')).toBe('banned');
    store.isAway = false;
    await bans.readAnew();
    expect(await login('geheim')).toBe('in');
  });
});

test('counting failures takes no more memory for a million names', () => {
  const watch = new FailureWatch({ max: 3, addressMax: 0, withinMs: 60_000 });
  for (let i = 0; i < 60_000; i++) watch.failed('192.0.2.1', `client-${i}`, 0);
  expect(watch.size).toBe(50_000);
  watch.sweep(60_000);
  expect(watch.size).toBe(0);
});
