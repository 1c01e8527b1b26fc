import { afterEach, describe, expect, test } from '@jest/globals';
import { endAdminApis, makeAdminApi } from '../../support/admin-api.js';
import { publish } from '../../support/packets.js';

afterEach(endAdminApis);

const idsOf = (body: Record<string, unknown>) =>
  (body['items'] as { clientId: string }[]).map(({ clientId }) => clientId);

describe('lists', () => {
  test('come in pages that meet everything once, whatever comes and goes between them', async () => {
    const api = await makeAdminApi();
    const clients = [];
    for (const n of [1, 2, 3, 4, 5]) clients.push(await api.connect({ clientId: `c${n}` }));
    const first = await api.call('GET', '/v1/clients?limit=2');
    expect(idsOf(first.body)).toEqual(['c1', 'c2']);
    await api.call('DELETE', '/v1/clients/c2');
    await api.call('DELETE', '/v1/clients/c3');
    await api.connect({ clientId: 'c6' });
    const second = await api.call('GET', `/v1/clients?limit=10&cursor=${first.body['next'] as string}`);
    expect(idsOf(second.body)).toEqual(['c4', 'c5', 'c6']);
    expect(second.body).not.toHaveProperty('next');
  });

  test('find what is rare among much', async () => {
    const api = await makeAdminApi();
    for (let n = 0; n < 4500; n++) {
      const body = { topic: `t/${n}`, payload: 'x', retain: true };
      if (n % 4400 === 0) await api.call('POST', '/v1/publish', { body });
      else
        api.administration.publish(
          { topic: body.topic, payload: new Uint8Array(1), qos: 0, retain: true },
          { principal: 'n', authentication: 'admin_token', requestId: 'r' },
        );
    }
    const { body } = await api.call('GET', '/v1/retained?filter=t%2F4400');
    expect(body).toMatchObject({ items: [{ topic: 't/4400', payloadText: 'x' }] });
    expect(body).not.toHaveProperty('next');
  });

  test('of subscriptions say who gets what is published to a topic, filters in order and page by page', async () => {
    const api = await makeAdminApi();
    const client = await api.connect({ clientId: 'a' });
    await client.subscribe(['z/#', 1], ['z/1', 0], ['y', 2]);
    await (await api.connect({ clientId: 'b' })).subscribe(['+/1', 0]);
    const found = [];
    let url = '/v1/subscriptions?limit=1&topic=z%2F1';
    for (;;) {
      const { body } = await api.call('GET', url);
      found.push(...(body['items'] as { clientId: string; filter: string }[]));
      if (body['next'] === undefined) break;
      url = `/v1/subscriptions?limit=1&topic=z%2F1&cursor=${body['next'] as string}`;
    }
    expect(found.map(({ clientId, filter }) => `${clientId} ${filter}`)).toEqual(['a z/#', 'a z/1', 'b +/1']);
  });

  test.each(['x', 'WzEsMl0', ''])('refuse the cursor %j, and say what to do', async (cursor) => {
    const { call } = await makeAdminApi();
    expect(await call('GET', `/v1/sessions?cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('take `next` of a page as it is') },
    });
  });
});

describe('a client', () => {
  test('that is disconnected loses its connection, and its will is published', async () => {
    const api = await makeAdminApi();
    const watcher = await api.connect();
    await watcher.subscribe(['gone', 0]);
    const client = await api.connect({ clientId: 'pump', will: { topic: 'gone', payload: 'bye' } });
    expect(await api.call('DELETE', '/v1/clients/pump')).toEqual({ status: 200, body: { durable: true } });
    expect(await client.isServed()).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(watcher.payloads()).toEqual(['bye']);
    expect(api.trail.of('connection.closed')).toMatchObject([{ reason: 'administrator' }]);
  });

  test('may have any id', async () => {
    const api = await makeAdminApi();
    const clientId = 'ä/ü ?#%';
    await api.connect({ clientId });
    const { body } = await api.call('GET', `/v1/clients/${encodeURIComponent(clientId)}`);
    expect(body).toMatchObject({ clientId });
  });
});

describe('a queue', () => {
  test('is read without taking anything away, and purged of what was never sent', async () => {
    const api = await makeAdminApi();
    const absent = await api.connect({ clientId: 'away', cleanSession: false });
    await absent.subscribe(['q', 1]);
    absent.stream.end();
    await api.call('DELETE', '/v1/clients/away');
    const sender = await api.connect();
    for (const text of ['1', '2', '3'])
      await sender.send(publish({ topic: 'q', payload: text, qos: 1, packetId: 1 }));
    const read = () => api.call('GET', '/v1/sessions/away/queue?limit=2');
    const { body } = await read();
    expect(body).toMatchObject({
      items: [
        { sequence: 0, payloadText: '1', stage: 'queued' },
        { sequence: 1, payloadText: '2' },
      ],
    });
    const rest = await api.call('GET', `/v1/sessions/away/queue?cursor=${body['next'] as string}`);
    expect(rest.body).toMatchObject({ items: [{ payloadText: '3' }] });
    expect((await read()).body).toEqual(body);
    expect((await api.call('DELETE', '/v1/sessions/away/queue')).body).toMatchObject({ messages: 3 });
    expect((await read()).body).toEqual({ items: [] });
    expect(api.broker.counters.dropped).toMatchObject({ purged: 3, queue_full: 0 });
  });
});

describe('a trace', () => {
  test('is listed while it runs, with what it was started with and the defaults of the rest', async () => {
    const { call } = await makeAdminApi();
    await call('POST', '/v1/traces', { body: { clientId: 'pump', seconds: 60 } });
    const trace = { id: 't-1', clientId: 'pump', seconds: 60, bytesMax: 10_485_760, payloads: false };
    expect((await call('GET', '/v1/traces')).body).toMatchObject({ items: [trace] });
    expect((await call('DELETE', '/v1/traces/t-1')).body).toEqual({
      file: '/traces/t-1.jsonl',
      durable: true,
    });
    expect((await call('GET', '/v1/traces')).body).toEqual({ items: [] });
  });

  test('tells the audit trail whose packets are written down, and whether payloads are', async () => {
    const api = await makeAdminApi();
    await api.call('POST', '/v1/traces', { body: { clientId: 'pump', payloads: true } });
    expect(api.trail.of('admin.action')).toMatchObject([
      { clientId: 'pump', details: { action: 'trace.start', trace: 't-1', payloads: true } },
    ]);
  });

  test('that can not be started is a problem that says why, and no record', async () => {
    const api = await makeAdminApi();
    const body = { clientId: 'pump' };
    await api.call('POST', '/v1/traces', { body });
    expect(await api.call('POST', '/v1/traces', { body })).toMatchObject({
      status: 409,
      body: { code: 'trace_refused', detail: expect.stringContaining('stop that trace first') },
    });
    expect(api.trail.of('admin.action')).toHaveLength(1);
  });
});

describe('what fails', () => {
  test.each([
    ['GET', '/v1/clients?limit=0', undefined, 400, 'querystring/limit must be >= 1'],
    ['GET', '/v1/clients?colour=red', undefined, 400, 'must NOT have additional properties: colour'],
    ['GET', '/v1/clients/nobody', undefined, 404, 'GET /v1/clients lists those that are'],
    ['DELETE', '/v1/traces/t-9', undefined, 404, 'GET /v1/traces lists those that are'],
    ['POST', '/v1/traces', { clientId: 'a', seconds: 0 }, 400, 'body/seconds must be >= 1'],
    ['GET', '/v2', undefined, 404, 'GET /openapi.json lists what there is'],
    ['POST', '/v1/publish', { topic: 'a/+' }, 400, 'body/topic is no topic name'],
    ['POST', '/v1/publish', { topic: '$SYS/x' }, 400, 'belongs to the server'],
    ['POST', '/v1/publish', { topic: 'a', payload: '', payloadBase64: '' }, 400, 'leave one out'],
    ['POST', '/v1/publish', { topic: 'a', payloadBase64: '*' }, 400, 'is not base64'],
    ['GET', '/v1/audit/records?from=yesterday', undefined, 400, 'querystring/from must'],
    [
      'GET',
      '/v1/audit/records?topic=a/%23/b',
      undefined,
      400,
      'querystring/topic must be a topic or a filter',
    ],
    ['POST', '/v1/tokens', { name: 'a b', scope: 'read' }, 400, 'body/name must match pattern'],
  ] as const)('%s %s %j is a problem that says what to do', async (method, url, body, status, detail) => {
    const { call } = await makeAdminApi();
    const answer = await call(method, url, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status, body: { status, requestId: expect.any(String) } });
    expect(answer.body['detail']).toContain(detail);
  });

  test('by a fault of ours is told in the log, and not to the caller', async () => {
    const api = await makeAdminApi();
    api.administration.status = () => {
      throw new Error('a secret of ours');
    };
    const { status, body } = await api.call('GET', '/v1/status');
    expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(body)).not.toMatch(/secret|at .*\.ts/);
    expect(api.errors).toEqual([expect.stringContaining('a secret of ours')]);
  });

  test('with a body that is too large is refused before it is read', async () => {
    const { call } = await makeAdminApi();
    const body = { name: 'x'.repeat(70_000), scope: 'read' };
    expect(await call('POST', '/v1/tokens', { body })).toMatchObject({ status: 413 });
  });

  test('again and again for want of a token is one record of the audit trail with its number', async () => {
    const api = await makeAdminApi();
    for (let n = 0; n < 50; n++) await api.call('GET', '/v1/status', { scope: undefined });
    api.clock.advance(20_000);
    expect(api.trail.of('admin.refused')).toMatchObject([{ reason: 'no_token' }, { details: { count: 49 } }]);
  });
});

test('a change that the database has yet to take says so', async () => {
  const api = await makeAdminApi();
  api.trail.commit = () => new Promise(() => undefined);
  await api.connect({ clientId: 'pump' });
  expect((await api.call('DELETE', '/v1/clients/pump')).body).toEqual({ durable: false });
});

test('the audit trail is searched behind the cursor, by what was asked for', async () => {
  const api = await makeAdminApi();
  const url = '/v1/audit/records?kind=retained.set&kind=retained.cleared&from=2026-03-01T00:00:00Z&limit=5';
  expect((await api.call('GET', url, { scope: 'read' })).body).toEqual({ items: [] });
  expect(api.archive.searched).toMatchObject([
    { kinds: ['retained.set', 'retained.cleared'], fromMs: Date.UTC(2026, 2), afterSequence: 0, limit: 5 },
  ]);
  api.archive.failure = new Error('the database is away');
  expect(await api.call('GET', '/v1/audit/records')).toMatchObject({ status: 503 });
});
