import { beforeEach, describe, expect, test } from '@jest/globals';
import { VOLATILE_STORAGE } from '../../../src/adapters/memory/volatile-storage.js';
import { named } from '../../../src/domain/access/principal.js';
import type { AuditEvent } from '../../../src/domain/audit/audit-event.js';
import { Will } from '../../../src/domain/will/will.js';
import { connected, connectRequest } from '../../support/connect-request.js';
import { FakeLink } from '../../support/fake-link.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { type BrokerOptions, type MadeBroker, makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';
import { madeUpPolicy } from '../../support/made-up-policy.js';

let trail: FakeTrail;
let made: MadeBroker;

const begin = (options: BrokerOptions = {}): void => {
  trail = new FakeTrail();
  made = makeBroker({ ...options, trail });
};
beforeEach(() => begin());

const durable = { cleanSession: false };
const kinds = (): string[] => trail.events.map(({ kind }) => kind);
const ANN: BrokerOptions = {
  authenticator: {
    authenticate: async ({ userName }) =>
      userName === 'ann' ? { principal: named('ann'), authentication: 'password' } : { refusal: 4 },
  },
};
const isClosed = (topic: string): boolean => topic.startsWith('closed');
const closing = madeUpPolicy({ publish: isClosed, subscribe: isClosed });
const who = { clientId: 'client', address: '192.0.2.1', listener: 'mqtt://192.0.2.9:1883' };

describe('connections', () => {
  test('are told with who came, how it proved that, from where and by what', async () => {
    begin(ANN);
    const { client } = await connected(made.broker, { userName: 'ann', keepAliveSeconds: 60 });
    made.broker.endConnection(client, { end: 'lost', reason: 'keep_alive_timeout' });
    const ann = { ...who, principal: 'ann', authentication: 'password', atMs: made.clock.nowMs() };
    const details = { cleanSession: true, keepAliveSeconds: 60, sessionPresent: false };
    expect(trail.events).toMatchObject([
      { ...ann, kind: 'connection.accepted', details },
      { ...ann, kind: 'connection.closed', reason: 'keep_alive_timeout' },
    ]);
  });

  test('may each be the last of a transaction, once all is told of one that comes or ends', async () => {
    const { client } = await connected(made.broker, durable);
    expect(trail.seals).toEqual([kinds().length]);
    made.broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    expect(trail.seals).toEqual([kinds().indexOf('connection.closed'), kinds().length]);
  });

  test('that end twice are told once', async () => {
    const { client } = await connected(made.broker);
    for (const reason of ['disconnect_packet', 'peer_closed'] as const)
      made.broker.endConnection(client, { end: 'lost', reason });
    expect(trail.of('connection.closed')).toHaveLength(1);
  });

  const refusals: [string, number, BrokerOptions, Parameters<typeof connectRequest>[0]][] = [
    ['bad_credentials', 4, ANN, { userName: 'eve' }],
    ['identifier_rejected', 2, {}, { clientId: '', cleanSession: false }],
    ['will_denied', 5, { access: closing }, { will: new Will(makeMessage('closed/w')) }],
    ['too_many_sessions', 3, { limits: { sessionsMax: 0 } }, {}],
    ['not_authorized', 5, {}, { anonymousAllowed: false }],
    [
      'authenticator_failed',
      5,
      { authenticator: { authenticate: () => Promise.reject(new Error('x')) } },
      {},
    ],
  ];
  test.each(refusals)('are refused with the reason %s', async (reason, returnCode, options, changes) => {
    begin(options);
    await made.broker.connect(connectRequest(changes), new FakeLink());
    expect(trail.events).toMatchObject([{ kind: 'connection.refused', reason, details: { returnCode } }]);
    expect(trail.events[0]).toMatchObject({ address: who.address, listener: who.listener });
  });

  test('that are refused again and again are counted, to the last one', async () => {
    begin(ANN);
    const refuse = () => made.broker.connect(connectRequest({ userName: 'eve' }), new FakeLink());
    for (let i = 0; i < 5; i += 1) await refuse();
    expect(trail.events).toHaveLength(1);
    made.clock.advance(10_000);
    expect(trail.events[1]).toMatchObject({
      clientId: 'client',
      reason: 'bad_credentials',
      details: { count: 4 },
    });
    await refuse();
    expect(trail.events).toHaveLength(3);
  });

  test.each([
    ['are let in while events find room to wait', false, 'connection.accepted'],
    ['are refused when none is left', true, 'connection.refused'],
  ])('with a clean session, while the trail can’t be written, %s', async (_, isTrailFull, kind) => {
    const health = { ...VOLATILE_STORAGE.health, failure: 'away', isFull: true, isTrailFull };
    begin({ storage: { health } });
    const outcome = await made.broker.connect(connectRequest(), new FakeLink());
    expect('refusal' in outcome).toBe(isTrailFull);
    expect(kinds()).toEqual([kind]);
    await made.broker.connect(connectRequest({ clientId: 'd', cleanSession: false }), new FakeLink());
    expect(trail.events[1]).toMatchObject({ kind: 'connection.refused', reason: 'store_unavailable' });
  });

  test('that end before a client was let in are told by their address', () => {
    made.broker.endUnusedConnection(new FakeLink(), 'malformed_packet');
    expect(trail.events).toMatchObject([
      { kind: 'connection.closed', address: who.address, listener: who.listener, reason: 'malformed_packet' },
    ]);
  });
});

describe('sessions', () => {
  test('that are durable are told from their making to their end, by their key', async () => {
    const first = await connected(made.broker, durable);
    made.broker.endConnection(first.client, { end: 'lost', reason: 'peer_closed' });
    await connected(made.broker, durable);
    await connected(made.broker, { cleanSession: true });
    expect(kinds()).toEqual([
      ...['session.created', 'connection.accepted', 'connection.closed'],
      ...['session.resumed', 'connection.accepted'],
      ...['session.taken_over', 'connection.closed', 'connection.accepted'],
    ]);
    const key = first.client.session.key;
    for (const event of trail.events.slice(0, 7)) expect(event.session).toBe(key);
    expect(trail.events[7]?.session).toBeUndefined();
    expect(trail.events[6]).toMatchObject({ reason: 'taken_over' });
  });
});

describe('subscriptions', () => {
  test('are told with filter and quality, when made, refused and removed', async () => {
    begin({ access: closing, limits: { subscriptionsPerSessionMax: 1 } });
    const { client } = await connected(made.broker, durable);
    const requests = ['a/+', 'closed/#', 'b'].map((filter) => ({
      filter: topicFilter(filter),
      qos: 1 as const,
    }));
    made.broker.subscribe(client, 1, requests);
    made.broker.unsubscribe(client, 2, [topicFilter('a/+'), topicFilter('never')]);
    const session = client.session.key;
    expect(trail.events.slice(2)).toMatchObject([
      { kind: 'subscription.made', session, topic: 'a/+', details: { qos: 1 } },
      { kind: 'subscription.denied', session, topic: 'closed/#', reason: 'not_authorized' },
      { kind: 'subscription.denied', session, topic: 'b', reason: 'too_many_subscriptions' },
      { kind: 'subscription.removed', session, topic: 'a/+' },
    ]);
  });
});

describe('publishes', () => {
  test('that are denied are told with their topic, and counted when they come again', async () => {
    begin({ access: closing });
    const { client } = await connected(made.broker);
    for (let i = 1; i < 4; i += 1) made.broker.publish(client, makeMessage('closed/t', 'secret', 1), i);
    made.broker.publish(client, makeMessage('$SYS/t', 'x', 0), 0);
    made.clock.advance(10_000);
    expect(trail.of('publish.denied')).toMatchObject([
      { topic: 'closed/t', reason: 'not_authorized', clientId: 'client' },
      { topic: '$SYS/t', reason: 'server_topic' },
      { topic: 'closed/t', reason: 'not_authorized', details: { count: 2 } },
    ]);
    expect(JSON.stringify(trail.events)).not.toContain('secret');
  });

  test('that are retained are told by the entry that stores them', async () => {
    const entries: (readonly AuditEvent[] | undefined)[] = [];
    begin({
      storage: {
        journal: {
          append: ({ events }) => entries.push(events),
          settle: () => undefined,
          received: () => undefined,
          forgetReceivedId: () => undefined,
          trim: () => undefined,
        },
      },
    });
    const { client } = await connected(made.broker);
    made.broker.publish(client, makeMessage('r', 'twelve bytes', 0, true), 0);
    made.broker.publish(client, makeMessage('r', '', 0, true), 0);
    made.broker.publish(client, makeMessage('r', '', 0, true), 0);
    expect(entries).toMatchObject([
      [{ kind: 'retained.set', clientId: 'client', topic: 'r', details: { qos: 0, bytes: 12 } }],
      [{ kind: 'retained.cleared', clientId: 'client', topic: 'r', reason: 'empty_payload' }],
      undefined,
    ] as unknown[]);
  });
});

describe('a queue that overflows', () => {
  test('is told with the number of messages that it let go, not one by one', async () => {
    begin({ limits: { queueMessagesMax: 2 } });
    const { client } = await connected(made.broker, durable);
    made.broker.subscribe(client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
    made.broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    const publisher = await connected(made.broker, { clientId: 'p' });
    for (let i = 1; i <= 7; i += 1) made.broker.publish(publisher.client, makeMessage('t', '', 1), i);
    made.clock.advance(1000);
    for (let i = 8; i <= 10; i += 1) made.broker.publish(publisher.client, makeMessage('t', '', 1), i);
    made.clock.advance(20_000);
    expect(trail.of('queue.overflowed')).toMatchObject([
      { clientId: 'client', session: client.session.key, reason: 'dropOldest', details: { count: 5 } },
      { clientId: 'client', session: client.session.key, reason: 'dropOldest', details: { count: 3 } },
    ]);
    expect(made.broker.counters.dropped.queue_full).toBe(8);
  });
});

test('nothing is told of when the trail is not written', async () => {
  trail.isWritten = false;
  const { client } = await connected(made.broker, durable);
  made.broker.subscribe(client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
  made.broker.publish(client, makeMessage('$SYS/t', 'x', 0), 0);
  made.clock.advance(20_000);
  expect(trail.events).toEqual([]);
});
