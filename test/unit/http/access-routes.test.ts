import { afterEach, describe, expect, test } from '@jest/globals';
import type { Authenticator } from '../../../src/application/ports/authenticator.js';
import { PolicyCompiler } from '../../../src/domain/access/policy-compiler.js';
import { named, type Principal } from '../../../src/domain/access/principal.js';
import type { ClientId } from '../../../src/domain/client-id.js';
import { type AdminApi, endAdminApis, makeAdminApi } from '../../support/admin-api.js';

afterEach(endAdminApis);

const namesOf = ({ body }: Awaited<ReturnType<AdminApi['call']>>) =>
  (body['items'] as { name: string }[]).map(({ name }) => name);

describe('users', () => {
  test('are listed by name, page by page, and shown without what proves their passwords', async () => {
    const { call } = await makeAdminApi();
    for (const name of ['cy', 'ann', 'bob'])
      await call('POST', '/v1/users', { body: { name, password: 'geheim' } });
    const first = await call('GET', '/v1/users?limit=2', { scope: 'read' });
    expect(namesOf(first)).toEqual(['ann', 'bob']);
    const rest = await call('GET', `/v1/users?cursor=${first.body['next'] as string}`);
    expect([namesOf(rest), rest.body['next']]).toEqual([['cy'], undefined]);
    const epoch = '1970-01-01T00:00:00.000Z';
    expect(await call('GET', '/v1/users/ann')).toEqual({
      status: 200,
      body: { name: 'ann', disabled: false, createdAt: epoch, changedAt: epoch },
    });
  });

  test('have passwords that stand in no record and in no answer', async () => {
    const api = await makeAdminApi();
    const answers = [
      await api.call('POST', '/v1/users', { body: { name: 'ann', password: 'geheim' } }),
      await api.call('PUT', '/v1/users/ann/password', { body: { password: 'geheim' } }),
      await api.call('PUT', '/v1/users/eve/password', { body: { password: 'geheim' } }),
      await api.call('POST', '/v1/users', { body: { name: 'ann', password: ['geheim'] } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 409]);
    expect(JSON.stringify([answers, api.trail.events, api.errors])).not.toContain('geheim');
  });

  test('get no password over a network in the clear', async () => {
    const { call, users } = await makeAdminApi({ clientAddress: '192.0.2.7' });
    const body = { name: 'ann', password: 'x' };
    expect(await call('POST', '/v1/users', { body })).toMatchObject({
      status: 403,
      body: { code: 'in_the_clear', detail: expect.stringContaining('admin.tls') },
    });
    expect(await call('PUT', '/v1/users/ann/password', { body: { password: 'x' } })).toMatchObject({
      status: 403,
    });
    expect(users.hashes.size).toBe(0);
    expect(await call('GET', '/v1/users')).toMatchObject({ status: 200 });
  });
});

describe('roles', () => {
  test('have rules and holders that are walked page by page', async () => {
    const { call } = await makeAdminApi();
    await call('POST', '/v1/roles', { body: { name: 'ops' } });
    for (const filter of ['a', 'b', 'c'])
      await call('POST', '/v1/roles/ops/rules', { body: { effect: 'allow', actions: ['receive'], filter } });
    for (const body of [{ user: 'ann' }, { clientId: 'panel' }, { everyone: true }])
      await call('POST', '/v1/roles/ops/holders', { body });
    const walked = async (url: string) => {
      const items = [];
      for (let cursor = ''; ;) {
        const { body } = await call('GET', `${url}?limit=1${cursor}`);
        items.push(...(body['items'] as unknown[]));
        if (body['next'] === undefined) return items;
        cursor = `&cursor=${body['next'] as string}`;
      }
    };
    const rule = { effect: 'allow', actions: ['receive'] };
    expect(await walked('/v1/roles/ops/rules')).toEqual(
      ['a', 'b', 'c'].map((filter, index) => ({ id: index + 1, ...rule, filter })),
    );
    expect(await walked('/v1/roles/ops/holders')).toEqual([
      { holder: 'client', name: 'panel' },
      { holder: 'everyone' },
      { holder: 'user', name: 'ann' },
    ]);
    expect((await call('GET', '/v1/roles/ops')).body).toEqual({ name: 'ops', rules: 3, holders: 3 });
  });

  test('that are granted twice say that nothing has changed, and tell the trail nothing', async () => {
    const { call, trail } = await makeAdminApi();
    await call('POST', '/v1/roles', { body: { name: 'ops' } });
    const grant = () => call('POST', '/v1/roles/ops/holders', { body: { user: 'ann' } });
    expect((await grant()).body).toEqual({ changed: true, durable: true });
    trail.events.length = 0;
    expect((await grant()).body).toEqual({ changed: false, durable: true });
    expect(trail.events).toEqual([]);
  });
});

describe('a ban', () => {
  test('cuts off whom it names at once, keeps them out, and says by whom it is', async () => {
    const api = await makeAdminApi();
    const [evil, good] = [await api.connect({ clientId: 'evil' }), await api.connect({ clientId: 'good' })];
    const body = { clientId: 'evil', reason: 'stolen', seconds: 60 };
    expect(await api.call('POST', '/v1/bans', { body, scope: 'operate' })).toMatchObject({ status: 200 });
    expect([await evil.isServed(), await good.isServed()]).toEqual([false, true]);
    const isKeptOut = (): boolean => api.bans.keepsOut('192.0.2.1', { clientId: 'evil' });
    expect(isKeptOut()).toBe(true);
    const [listed] = (await api.call('GET', '/v1/bans')).body['items'] as Record<string, unknown>[];
    expect(listed).toMatchObject({ clientId: 'evil', reason: 'stolen', by: 'token t-operate' });
    await api.call('DELETE', '/v1/bans?clientId=evil');
    expect(isKeptOut()).toBe(false);
  });

  test('that can not be stored changes nothing', async () => {
    const api = await makeAdminApi();
    const client = await api.connect({ clientId: 'c' });
    api.banStore.isAway = true;
    expect(await api.call('POST', '/v1/bans', { body: { clientId: 'c' } })).toMatchObject({
      status: 503,
      body: { code: 'store_unavailable', detail: expect.stringContaining('nothing has changed') },
    });
    expect([await client.isServed(), api.trail.of('admin.action')]).toEqual([true, []]);
  });

  test('is listed with the others in the order in which they were imposed', async () => {
    const { call } = await makeAdminApi();
    for (const clientId of ['b', 'a', 'c']) await call('POST', '/v1/bans', { body: { clientId } });
    const ids: unknown[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call('GET', `/v1/bans?limit=1${cursor}`);
      ids.push(...(body['items'] as { clientId: string }[]).map(({ clientId }) => clientId));
      if (body['next'] === undefined) break;
      cursor = `&cursor=${body['next'] as string}`;
    }
    expect(ids.sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('an explanation', () => {
  const rule = {
    effect: 'allow',
    actions: ['publish'],
    filter: 'own/%u',
    provider: 'token',
    source: 'token',
  } as const;
  const withRules: Principal = { ...named('ann'), rules: [rule] };
  const compiler = new PolicyCompiler([], true);
  const policies = {
    policyFor: (principal: Principal, clientId: ClientId) => compiler.policyFor(principal, clientId),
  };
  const authenticator: Authenticator = {
    authenticate: () => Promise.resolve({ principal: withRules, authentication: 'jwt' }),
  };

  test('goes by what a connected client has proved, and else by what is said of it', async () => {
    const { call, connect } = await makeAdminApi({ policies, authenticator });
    const url = '/v1/access/explanation?clientId=c&action=publish&topic=own%2Fann';
    await connect({ clientId: 'c' });
    expect((await call('GET', url, { scope: 'read' })).body).toEqual({
      ...{ allowed: true, rule: 'allow publish own/%u (token)', qosMax: 2, partial: false },
    });
    expect((await call('GET', `${url}&user=ann`)).body).toMatchObject({ allowed: false });
    expect((await call('GET', url.replace('clientId=c', 'clientId=d'))).body).toMatchObject({
      allowed: false,
    });
  });
});

test.each([
  ['POST', '/v1/users', { name: 'a\u0007', password: 'x' }, 400, 'body/name must have'],
  ['POST', '/v1/users', { name: 'a', password: '' }, 400, 'body/password must NOT have fewer'],
  ['DELETE', '/v1/users/nobody', undefined, 404, 'GET /v1/users lists'],
  ['POST', '/v1/roles', { name: '' }, 400, 'body/name must have'],
  ['GET', '/v1/roles/nobody/rules', undefined, 404, 'GET /v1/roles lists'],
  ['GET', '/v1/roles/nobody/holders', undefined, 404, 'GET /v1/roles lists'],
  [
    'POST',
    '/v1/roles/x/rules',
    { effect: 'allow', actions: ['publish'], filter: 'a#' },
    400,
    'body/filter: a#',
  ],
  ['POST', '/v1/roles/x/rules', { effect: 'allow', actions: [], filter: 'a' }, 400, 'body/actions'],
  ['DELETE', '/v1/roles/x/rules/9', undefined, 404, 'has no rule 9'],
  ['POST', '/v1/roles/x/holders', {}, 400, 'exactly one of user, clientId and everyone'],
  ['POST', '/v1/roles/x/holders', { user: 'a', clientId: 'b' }, 400, 'exactly one of'],
  ['POST', '/v1/bans', {}, 400, 'body must say whom'],
  ['POST', '/v1/bans', { address: '1.2.3' }, 400, 'body/address must be an address'],
  ['POST', '/v1/bans', { user: 'a\u0000' }, 400, 'U+0000'],
  ['DELETE', '/v1/bans?user=a', undefined, 404, 'GET /v1/bans lists them'],
  ['GET', '/v1/access/explanation?clientId=a&action=drink&topic=t', undefined, 400, 'querystring/action'],
] as const)('%s %s %j is a problem that says what to do', async (method, url, body, status, detail) => {
  const { call } = await makeAdminApi();
  await call('POST', '/v1/roles', { body: { name: 'x' } });
  const answer = await call(method, url, body === undefined ? {} : { body });
  expect(answer).toMatchObject({ status, body: { status, requestId: expect.any(String) } });
  expect(answer.body['detail']).toContain(detail);
});

test('without a database there are no users and no roles; bans there are', async () => {
  const { call } = await makeAdminApi({ hasDatabase: false });
  for (const url of ['/v1/users', '/v1/roles/x'])
    expect(await call('GET', url)).toMatchObject({ status: 409, body: { code: 'no_database' } });
  expect(await call('GET', '/v1/bans')).toEqual({ status: 200, body: { items: [] } });
});

test('while the database is away, what stands in it can not be asked for', async () => {
  const health = { failure: 'connection refused', isFull: false, isTrailFull: false };
  const storage = { health: { ...health, onFailure: () => undefined, onRoom: () => undefined } };
  const { call } = await makeAdminApi({ storage });
  expect(await call('GET', '/v1/users')).toMatchObject({
    status: 503,
    body: { code: 'store_unavailable', detail: expect.stringContaining('connection refused') },
  });
});

test('a command by the token of this machine says who gave it, and nobody else can', async () => {
  const api = await makeAdminApi();
  const kick = (token: string, operator: string) =>
    fetch(`${api.address}/v1/bans`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'x-surety-operator': operator },
        'content-type': 'application/json',
      },
      body: '{"clientId":"c"}',
    });
  for (const [token, operator] of [
    ['local', 'carol'],
    ['local', 'c a r o l'],
    ['administer', 'carol'],
  ] as const)
    expect((await kick(token, operator)).status).toBe(200);
  expect(api.trail.of('admin.action').map(({ details }) => details?.['operator'])).toEqual([
    'carol',
    undefined,
    undefined,
  ]);
});
