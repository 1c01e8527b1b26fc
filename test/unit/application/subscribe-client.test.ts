import { describe, expect, test } from '@jest/globals';
import { VOLATILE_STORAGE } from '../../../src/adapters/memory/volatile-storage.js';
import type { SessionStore } from '../../../src/application/ports/session-store.js';
import { connected } from '../../support/connect-request.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';
import { madeUpPolicy } from '../../support/made-up-policy.js';

const request = (filter: string, qos: 0 | 1 | 2) => ({ filter: topicFilter(filter), qos });
const microtasks = () => new Promise((resolve) => setImmediate(resolve));

describe('SUBSCRIBE', () => {
  test('is answered by a code for each filter, in order, and then by retained messages', async () => {
    const { broker } = makeBroker({
      access: madeUpPolicy({ subscribe: (filter) => filter === 'no' }),
    });
    const { client, link } = await connected(broker);
    broker.publish(client, makeMessage('t', 'kept', 1, true), 1);
    link.takeSent();
    broker.subscribe(client, 9, [request('t', 2), request('no', 1), request('u', 0)]);
    expect(link.takeSent()).toMatchObject([
      { type: 'suback', packetId: 9, codes: [2, 0x80, 0] },
      { type: 'publish', payload: 'kept', qos: 1, retain: true },
    ]);
    broker.publish(client, makeMessage('no', 'x'), 0);
    expect(link.takeSent()).toEqual([]);
  });

  test('of the same filter again replaces the quality and sends retained messages again [MQTT-3.8.4-3]', async () => {
    const { broker } = makeBroker();
    const { client, link } = await connected(broker);
    broker.publish(client, makeMessage('t', 'kept', 0, true), 0);
    broker.subscribe(client, 1, [request('t', 2)]);
    broker.subscribe(client, 2, [request('t', 1)]);
    expect(link.takePublishes()).toHaveLength(2);
    expect(broker.gauges().subscriptions).toBe(1);
    broker.publish(client, makeMessage('t', 'live', 2), 7);
    expect(link.takePublishes()).toMatchObject([{ payload: 'live', qos: 1 }]);
  });

  test('of a durable session is answered when it is durable', async () => {
    let commit: () => void = () => undefined;
    const sessions = {
      ...VOLATILE_STORAGE.sessions,
      subscribe: () => new Promise<void>((resolve) => (commit = resolve)),
    };
    const { broker } = makeBroker({ storage: { sessions } });
    const { client, link } = await connected(broker, { cleanSession: false });
    broker.subscribe(client, 1, [request('t', 1)]);
    await microtasks();
    expect(link.takeSent()).toEqual([]);
    commit();
    await microtasks();
    expect(link.takeSent()).toEqual([{ type: 'suback', packetId: 1, codes: [1] }]);
  });

  test('that can’t be made durable ends the connection', async () => {
    const subscribe = () => Promise.reject(new Error('database gone'));
    const sessions = { ...VOLATILE_STORAGE.sessions, subscribe };
    const { broker } = makeBroker({ storage: { sessions } });
    const { client, link } = await connected(broker, { cleanSession: false });
    broker.subscribe(client, 1, [request('t', 1)]);
    await microtasks();
    expect([link.closeReason, link.takeSent()]).toEqual(['store_unavailable', []]);
  });

  test('with very many filters is done in steps, stored and told of with each, and answered at the end', async () => {
    const trail = new FakeTrail();
    const stored: { filters: number; commit: () => void }[] = [];
    const sessions: SessionStore = {
      ...VOLATILE_STORAGE.sessions,
      subscribe: (_, { length: filters }) =>
        new Promise<void>((commit) => void stored.push({ filters, commit })),
    };
    const { broker } = makeBroker({ storage: { sessions }, trail });
    const { client, link } = await connected(broker, { cleanSession: false });
    trail.seals.splice(0);
    const requests = Array.from({ length: 150 }, (_, i) => request(`t/${i}`, 1));
    const steps = broker.subscribe(client, 1, requests)!;
    const done: number[] = [];
    do done.push(broker.gauges().subscriptions);
    while (steps.next().done !== true);
    expect(done).toEqual([64, 128]);
    expect(stored.map(({ filters }) => filters)).toEqual([64, 64, 22]);
    // Each step is told of before a transaction may end behind it.
    expect(trail.seals).toEqual([64, 128, 150].map((made) => made + trail.seals[0]! - 64));
    await microtasks();
    expect(link.takeSent()).toEqual([]);
    for (const { commit } of stored) commit();
    await microtasks();
    expect(link.takeSent()).toEqual([{ type: 'suback', packetId: 1, codes: requests.map(() => 1) }]);
  });

  test('whose connection ends in between is left undone, and not answered', async () => {
    const { broker } = makeBroker();
    const { client, link } = await connected(broker, { cleanSession: false });
    const requests = Array.from({ length: 150 }, (_, i) => request(`t/${i}`, 1));
    const steps = broker.subscribe(client, 1, requests)!;
    broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    expect(steps.next().done).toBe(true);
    expect([broker.gauges().subscriptions, link.takeSent()]).toEqual([64, []]);
  });
});

describe('UNSUBSCRIBE', () => {
  test('stops messages for exactly that filter, and passes over what is not there', async () => {
    const { broker } = makeBroker();
    const { client, link } = await connected(broker);
    broker.subscribe(client, 1, [request('a/+', 0), request('a/b', 0)]);
    link.takeSent();
    broker.unsubscribe(client, 2, [topicFilter('a/b'), topicFilter('never'), topicFilter('a/b')]);
    expect(link.takeSent()).toEqual([{ type: 'unsuback', packetId: 2 }]);
    broker.publish(client, makeMessage('a/b', 'still'), 0);
    expect(link.takePublishes()).toHaveLength(1);
    broker.unsubscribe(client, 3, [topicFilter('a/+')]);
    broker.publish(client, makeMessage('a/b', 'gone'), 0);
    expect(link.takePublishes()).toEqual([]);
    expect(broker.gauges().subscriptions).toBe(0);
  });

  test('finishes the deliveries that were begun [MQTT-3.10.4-3]', async () => {
    const { broker } = makeBroker({ limits: { inflightMax: 1 } });
    const { client, link } = await connected(broker);
    broker.subscribe(client, 1, [request('t', 1)]);
    broker.publish(client, makeMessage('t', 'one', 1), 1);
    broker.publish(client, makeMessage('t', 'two', 1), 2);
    broker.unsubscribe(client, 2, [topicFilter('t')]);
    broker.puback(client, 1);
    expect(link.takePublishes().map(({ payload }) => payload)).toEqual(['one', 'two']);
  });

  test('ends the replay of retained messages for that filter [MQTT-3.10.4-2]', async () => {
    const { broker } = makeBroker({ limits: { inflightMax: 1 } });
    const { client, link } = await connected(broker);
    for (let i = 0; i < 5; i += 1) broker.publish(client, makeMessage(`t/${i}`, 'x', 1, true), i + 1);
    broker.subscribe(client, 1, [request('t/+', 1)]);
    broker.unsubscribe(client, 2, [topicFilter('t/+')]);
    link.takeSent();
    for (let id = 1; id <= 5; id += 1) broker.puback(client, id);
    expect(link.takePublishes()).toEqual([]);
  });
});
