import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adminRoutes, type AdminParts } from '../../../src/adapters/http/admin-app.js';
import type { AdminRoute } from '../../../src/adapters/http/admin-route.js';
import { type AdminApi, endAdminApis, makeAdminApi } from '../../support/admin-api.js';
import { publish } from '../../support/packets.js';

let closed: AdminApi;
beforeAll(async () => void (closed = await makeAdminApi()));
afterAll(endAdminApis);

/** The routes don't look at what they work with before they are called. */
const nothing: unknown = { administration: {}, archive: {}, logs: {}, packetBytesMax: 1 };
const routes = adminRoutes(nothing as AdminParts);
const named = routes.map((each): [string, AdminRoute] => [`${each.method} ${each.url}`, each]);
const changes = named.filter(([, { method }]) => method !== 'GET');

const RULE = { effect: 'allow', actions: ['publish'], filter: 'plant/%u' };

/** A call of each route that changes something, on a broker that has what it changes. */
const CHANGES: Readonly<Record<string, { readonly url: string; readonly body?: object }>> = {
  'PUT /v1/log/levels': { url: '/v1/log/levels', body: { level: 'debug' } },
  'DELETE /v1/clients/:clientId': { url: '/v1/clients/pump-7' },
  'DELETE /v1/sessions/:clientId': { url: '/v1/sessions/pump-7' },
  'DELETE /v1/sessions/:clientId/queue': { url: '/v1/sessions/pump-7/queue' },
  'DELETE /v1/retained': { url: '/v1/retained?filter=plant%2F%23' },
  'DELETE /v1/retained/:topic': { url: '/v1/retained/plant%2F7' },
  'POST /v1/publish': { url: '/v1/publish', body: { topic: 'a', payload: 'x' } },
  'POST /v1/traces': { url: '/v1/traces', body: { clientId: 'pump-8' } },
  'DELETE /v1/traces/:id': { url: '/v1/traces/t-1' },
  'POST /v1/audit/verification': { url: '/v1/audit/verification' },
  'POST /v1/bans': { url: '/v1/bans', body: { clientId: 'pump-9' } },
  'DELETE /v1/bans': { url: '/v1/bans?user=eve' },
  'POST /v1/users': { url: '/v1/users', body: { name: 'bob', password: 'x' } },
  'PUT /v1/users/:name/password': { url: '/v1/users/ann/password', body: { password: 'y' } },
  'POST /v1/users/:name/disable': { url: '/v1/users/ann/disable' },
  'POST /v1/users/:name/enable': { url: '/v1/users/ann/enable' },
  'DELETE /v1/users/:name': { url: '/v1/users/ann' },
  'POST /v1/roles': { url: '/v1/roles', body: { name: 'new' } },
  'DELETE /v1/roles/:role': { url: '/v1/roles/ops' },
  'POST /v1/roles/:role/rules': { url: '/v1/roles/ops/rules', body: RULE },
  'DELETE /v1/roles/:role/rules/:rule': { url: '/v1/roles/ops/rules/1' },
  'POST /v1/roles/:role/holders': { url: '/v1/roles/ops/holders', body: { user: 'bob' } },
  'DELETE /v1/roles/:role/holders': { url: '/v1/roles/ops/holders?everyone=true' },
  'POST /v1/tokens': { url: '/v1/tokens', body: { name: 'new', scope: 'read' } },
  'DELETE /v1/tokens/:name': { url: '/v1/tokens/old' },
};

async function furnished(): Promise<AdminApi> {
  const api = await makeAdminApi();
  const client = await api.connect({ clientId: 'pump-7' });
  await client.send(publish({ topic: 'plant/7', payload: 'on', retain: true }));
  await api.call('POST', '/v1/tokens', { body: { name: 'old', scope: 'read' } });
  await api.call('POST', '/v1/traces', { body: { clientId: 'pump-7' } });
  await api.call('POST', '/v1/bans', { body: { user: 'eve' } });
  await api.call('POST', '/v1/users', { body: { name: 'ann', password: 'x' } });
  await api.call('POST', '/v1/roles', { body: { name: 'ops' } });
  await api.call('POST', '/v1/roles/ops/rules', { body: RULE });
  await api.call('POST', '/v1/roles/ops/holders', { body: { everyone: true } });
  api.trail.events.length = 0;
  return api;
}

describe.each(named)('%s', (_, { scope, summary, name, answers, query, params, url, method, action }) => {
  test('says what it does, what it takes and answers, and which scope it takes', () => {
    expect({ scope, summary, name }).toEqual({
      scope: expect.stringMatching(/^(read|operate|administer)$/),
      summary: expect.stringMatching(/^[A-Z]/),
      name: expect.stringMatching(/^[a-z][A-Za-z]+$/),
    });
    expect(answers).toMatchObject({ type: 'object' });
    for (const schema of [query, params]) expect(schema?.['additionalProperties'] ?? false).toBe(false);
    expect(Object.keys(params?.['properties'] ?? {})).toEqual(
      [...url.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter),
    );
  });

  test('is in the audit trail if it changes something, and reads with the scope of reading alone if not', () => {
    expect(action === undefined).toBe(method === 'GET');
  });

  test('lets in nobody without a token, or with too little a scope', async () => {
    const path = url.replace(/:\w+/g, 'x');
    expect((await closed.call(method, path, { scope: undefined })).status).toBe(401);
    if (scope !== 'read') expect((await closed.call(method, path, { scope: 'read' })).status).toBe(403);
    expect(closed.trail.of('admin.action')).toEqual([]);
  });
});

describe('whatever changes something', () => {
  test('is tried here', () =>
    expect(changes.map(([name]) => name).sort()).toEqual(Object.keys(CHANGES).sort()));

  test.each(changes)(
    '%s tells the audit trail who did it, by which request',
    async (name, { method, action }) => {
      const api = await furnished();
      const { url, body } = CHANGES[name]!;
      expect(await api.call(method, url, body === undefined ? {} : { body })).toMatchObject({ status: 200 });
      expect(api.trail.of('admin.action')).toMatchObject([
        {
          principal: 't-administer',
          authentication: 'admin_token',
          address: '127.0.0.1',
          listener: 'admin',
          details: { action, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      ]);
    },
  );
});
