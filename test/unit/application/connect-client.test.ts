import { describe, expect, test } from '@jest/globals';
import { VOLATILE_STORAGE } from '../../../src/adapters/memory/volatile-storage.js';
import type { Authenticator, Credentials } from '../../../src/application/ports/authenticator.js';
import { ANONYMOUS } from '../../../src/domain/access/principal.js';
import { Will } from '../../../src/domain/will/will.js';
import { connected, connectRequest } from '../../support/connect-request.js';
import { FakeLink } from '../../support/fake-link.js';
import { makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';
import { madeUpPolicy } from '../../support/made-up-policy.js';

const durable = { cleanSession: false };
const leave = (
  broker: ReturnType<typeof makeBroker>['broker'],
  { client }: Awaited<ReturnType<typeof connected>>,
) => broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
const presence = async (broker: ReturnType<typeof makeBroker>['broker'], cleanSession: boolean) => {
  const link = new FakeLink();
  const outcome = await broker.connect(connectRequest({ cleanSession }), link);
  if ('client' in outcome) broker.endConnection(outcome.client, { end: 'lost', reason: 'peer_closed' });
  return link.sent[0];
};

describe('sessions', () => {
  test('are present only for a client that left one and asks for it', async () => {
    const { broker } = makeBroker();
    const steps: [clean: boolean, present: boolean][] = [
      [false, false],
      [false, true],
      [true, false],
      [false, false],
      [false, true],
    ];
    for (const [cleanSession, sessionPresent] of steps)
      expect(await presence(broker, cleanSession)).toEqual({ type: 'connack', sessionPresent });
  });

  test('that were begun clean end with their connection [MQTT-3.1.2-6]', async () => {
    const { broker } = makeBroker();
    const first = await connected(broker);
    broker.subscribe(first.client, 1, [{ filter: topicFilter('a/#'), qos: 1 }]);
    expect(broker.gauges()).toMatchObject({ sessions: 1, subscriptions: 1, connections: 1 });
    leave(broker, first);
    expect(broker.gauges()).toMatchObject({ sessions: 0, subscriptions: 0, connections: 0 });
  });

  test('that are durable keep their subscriptions and what they are owed', async () => {
    const { broker } = makeBroker();
    const first = await connected(broker, durable);
    broker.subscribe(first.client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
    leave(broker, first);
    const publisher = await connected(broker, { clientId: 'publisher' });
    broker.publish(publisher.client, makeMessage('t', 'kept', 1), 1);
    const again = await connected(broker, durable);
    expect(again.link.takePublishes()).toMatchObject([{ payload: 'kept', dup: false }]);
  });

  test('that a client throws away count what they were owed as dropped', async () => {
    const { broker } = makeBroker();
    const first = await connected(broker, durable);
    broker.subscribe(first.client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
    leave(broker, first);
    const publisher = await connected(broker, { clientId: 'publisher' });
    for (const id of [1, 2]) broker.publish(publisher.client, makeMessage('t', '', 1), id);
    await connected(broker);
    expect(broker.counters.dropped.session_ended).toBe(2);
  });
});

describe('a session that is being stored', () => {
  test('is deleted once when another connection throws it away and then the store fails', async () => {
    let fail: () => void = () => undefined;
    const deleted: string[] = [];
    const { broker } = makeBroker({
      storage: {
        health: { ...VOLATILE_STORAGE.health, onFailure: (listener) => (fail = listener) },
        sessions: {
          ...VOLATILE_STORAGE.sessions,
          ensure: () => new Promise(() => undefined),
          delete: (_, { reason }) => void deleted.push(reason ?? ''),
        },
      },
    });
    const outcome = broker.connect(connectRequest(durable), new FakeLink());
    await new Promise((resolve) => setImmediate(resolve));
    await connected(broker);
    expect(deleted).toHaveLength(1);
    fail();
    expect(await outcome).toEqual({ gone: true });
    expect(deleted).toHaveLength(1);
  });
});

describe('client ids', () => {
  test('are made up for a client without one that begins clean [MQTT-3.1.3-6]', async () => {
    const { broker } = makeBroker();
    const { client } = await connected(broker, { clientId: '' });
    const other = await connected(broker, { clientId: '' });
    expect(client.session.clientId).not.toBe('');
    expect(other.client.session.clientId).not.toBe(client.session.clientId);
  });

  test('that are empty are refused for a durable session [MQTT-3.1.3-8]', async () => {
    const { broker } = makeBroker();
    const link = new FakeLink();
    expect(await broker.connect(connectRequest({ clientId: '', cleanSession: false }), link)).toEqual({
      refusal: 2,
    });
    expect(link.sent).toEqual([]);
  });

  test('over clientIdBytesMax are refused with code 2, measured in UTF-8', async () => {
    const { broker } = makeBroker({ limits: { clientIdBytesMax: 23 } });
    await connected(broker, { clientId: 'x'.repeat(23) });
    for (const clientId of ['x'.repeat(24), 'é'.repeat(12)])
      expect(await broker.connect(connectRequest({ clientId }), new FakeLink())).toEqual({ refusal: 2 });
  });
});

describe('sessionsMax', () => {
  test('refuses a new client with code 3 and lets in who has a session', async () => {
    const { broker } = makeBroker({ limits: { sessionsMax: 2 } });
    const away = await connected(broker, { clientId: 'away', ...durable });
    leave(broker, away);
    const present = await connected(broker, { clientId: 'present' });
    const late = connectRequest({ clientId: 'late' });
    expect(await broker.connect(late, new FakeLink())).toEqual({ refusal: 3 });
    await connected(broker, { clientId: 'away', ...durable });
    leave(broker, present);
    expect(await broker.connect(late, new FakeLink())).toHaveProperty('client');
  });
});

describe('authentication', () => {
  const asking = (authenticate: Authenticator['authenticate']) =>
    makeBroker({ authenticator: { authenticate } });

  test('sees what the client showed', async () => {
    const seen: Credentials[] = [];
    const { broker } = asking(async (credentials) => {
      seen.push(credentials);
      return { principal: ANONYMOUS, authentication: 'anonymous' };
    });
    const password = Buffer.from('secret');
    await connected(broker, { userName: 'ann', password, anonymousAllowed: false });
    expect(seen).toEqual([
      {
        ...{ clientId: 'client', userName: 'ann', password, anonymousAllowed: false },
        ...{ remoteAddress: '192.0.2.1', listener: 'mqtt://192.0.2.9:1883', certificate: undefined },
        isAwaited: expect.any(Function),
      },
    ]);
  });

  test('that refuses leaves no trace, and the older connection of that id in place', async () => {
    let isOpen = true;
    const { broker } = asking(async () =>
      isOpen ? { principal: ANONYMOUS, authentication: 'anonymous' } : { refusal: 4 },
    );
    const { link } = await connected(broker, { will: new Will(makeMessage('w')) });
    isOpen = false;
    expect(await broker.connect(connectRequest(), new FakeLink())).toEqual({ refusal: 4 });
    expect([link.isOpen, broker.gauges().connections]).toEqual([true, 1]);
  });

  test('that fails refuses the client with code 5', async () => {
    const { broker } = asking(() => Promise.reject(new Error('down')));
    expect(await broker.connect(connectRequest(), new FakeLink())).toEqual({ refusal: 5 });
  });

  test('is over too late for a connection that has ended meanwhile', async () => {
    let decide: () => void = () => undefined;
    const { broker } = asking(
      () =>
        new Promise(
          (resolve) => (decide = () => resolve({ principal: ANONYMOUS, authentication: 'anonymous' })),
        ),
    );
    const link = new FakeLink();
    const outcome = broker.connect(connectRequest(), link);
    link.close('peer_closed');
    decide();
    expect(await outcome).toEqual({ gone: true });
    expect([link.sent, broker.gauges().sessions]).toEqual([[], 0]);
  });
});

describe('a will', () => {
  test('that the client may not publish refuses its CONNECT', async () => {
    const { broker } = makeBroker({ access: madeUpPolicy({ publish: () => true }) });
    const will = new Will(makeMessage('w'));
    expect(await broker.connect(connectRequest({ will }), new FakeLink())).toEqual({ refusal: 5 });
  });

  test('is published when the connection is lost or taken over, and not after a DISCONNECT', async () => {
    const { broker } = makeBroker();
    const watcher = await connected(broker, { clientId: 'watcher' });
    broker.subscribe(watcher.client, 1, [{ filter: topicFilter('w'), qos: 2 }]);
    const payloads = () =>
      watcher.link.takePublishes().map(({ payload, qos, retain }) => [payload, qos, retain]);
    const withWill = (payload: string) =>
      connected(broker, { will: new Will(makeMessage('w', payload, 1, true)) });
    broker.endConnection((await withWill('lost')).client, { end: 'lost', reason: 'peer_closed' });
    expect(payloads()).toEqual([['lost', 1, false]]);
    await withWill('taken over');
    const last = await withWill('never');
    expect(payloads()).toEqual([['taken over', 1, false]]);
    broker.endConnection(last.client, { end: 'disconnect-packet', reason: 'disconnect_packet' });
    broker.endConnection(last.client, { end: 'lost', reason: 'peer_closed' });
    expect(payloads()).toEqual([]);
    expect(broker.gauges().retainedMessages).toBe(1);
  });

  test('to a topic of the server is dropped, as a publish to it is', async () => {
    const { broker } = makeBroker();
    const watcher = await connected(broker, { clientId: 'watcher' });
    broker.subscribe(watcher.client, 1, [{ filter: topicFilter('$SYS/#'), qos: 0 }]);
    const { client } = await connected(broker, { will: new Will(makeMessage('$SYS/fake', 'x', 0, true)) });
    broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    expect(watcher.link.takePublishes()).toEqual([]);
    expect(broker.gauges().retainedMessages).toBe(0);
  });
});

describe('a broker that stops', () => {
  test('lets nobody in, with code 3', async () => {
    const { broker } = makeBroker();
    broker.refuseClients();
    expect(await broker.connect(connectRequest({ clientId: 'late' }), new FakeLink())).toEqual({
      refusal: 3,
    });
    expect(broker.gauges().sessions).toBe(0);
  });
});
