import { describe, expect, test } from '@jest/globals';
import type { QoS } from '../../../../src/domain/qos.js';
import type { RetainedMessage } from '../../../../src/domain/retained/retained-message.js';
import type { Session } from '../../../../src/domain/session/session.js';
import { FakeDeliveryStore } from '../../../support/fake-delivery-store.js';
import { FakeLink } from '../../../support/fake-link.js';
import { makeMessage, topicFilter } from '../../../support/make-message.js';
import { makeSession } from '../../../support/make-session.js';

const offerAll = (session: Session, payloads: readonly string[], qos: 0 | 1 | 2 = 1): void => {
  for (const payload of payloads) session.offer(makeMessage('t', payload, qos), qos);
};
const payloadsSent = (link: FakeLink): string[] => link.takePublishes().map(({ payload }) => payload);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

let filters = 0;
/** A new subscription of the session is answered by these. */
const replay = (session: Session, qos: QoS, messages: Generator<RetainedMessage, void>): void => {
  const subscription = { subscriber: session, filter: topicFilter(`f/${(filters += 1)}`), qos };
  session.subscriptions.set(subscription.filter, subscription);
  session.replay([subscription], () => messages);
};

function* retained(count: number, qos: 0 | 1 | 2 = 1): Generator<RetainedMessage, void> {
  for (const payload of numbers(count))
    yield { message: makeMessage('t', payload, qos, true), publishedAtMs: 0 };
}

describe('a connected client that reads', () => {
  test('is sent what is offered, under packet ids from 1 on', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    session.offer(makeMessage('a', 'x', 1), 1);
    session.offer(makeMessage('b', 'y', 2), 2);
    session.offer(makeMessage('c', 'z'), 0);
    expect(link.takePublishes()).toEqual([
      { type: 'publish', topic: 'a', payload: 'x', qos: 1, packetId: 1, retain: false, dup: false },
      { type: 'publish', topic: 'b', payload: 'y', qos: 2, packetId: 2, retain: false, dup: false },
      { type: 'publish', topic: 'c', payload: 'z', qos: 0, packetId: 0, retain: false, dup: false },
    ]);
  });

  test('gets no more than its inflight window, and the rest as it acknowledges', () => {
    const { session } = makeSession({ limits: { inflightMax: 2 } });
    const link = new FakeLink();
    session.attach(link);
    offerAll(session, numbers(4));
    expect(payloadsSent(link)).toEqual(['0', '1']);
    session.acknowledge(2);
    expect(payloadsSent(link)).toEqual(['2']);
    session.acknowledge(1);
    expect(payloadsSent(link)).toEqual(['3']);
    expect(session.owedCount).toBe(2);
  });

  test('owes nothing once it has acknowledged all', () => {
    const { session } = makeSession();
    session.attach(new FakeLink());
    offerAll(session, ['x']);
    expect(session.owedCount).toBe(1);
    expect(session.acknowledge(1)?.message.topic).toBe('t');
    expect(session.owedCount).toBe(0);
  });
});

describe('acknowledgements', () => {
  test('that nothing asked for change nothing', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    session.offer(makeMessage('t', 'one', 1), 1);
    session.offer(makeMessage('t', 'two', 2), 2);
    expect(session.acknowledge(9)).toBeUndefined();
    expect(session.acknowledge(2)).toBeUndefined();
    expect(session.received(1)).toBeUndefined();
    expect(session.complete(1)).toBeUndefined();
    expect(session.complete(2)).toBeUndefined();
    expect(session.owedCount).toBe(2);
  });

  test('of QoS 2 go PUBREC, PUBREL, PUBCOMP, and only the last frees the id', () => {
    const { session } = makeSession({ limits: { inflightMax: 1 } });
    const link = new FakeLink();
    session.attach(link);
    offerAll(session, ['one', 'two'], 2);
    expect(payloadsSent(link)).toEqual(['one']);
    session.release(session.received(1)!);
    expect(link.takeSent()).toEqual([{ type: 'pubrel', packetId: 1 }]);
    expect(session.complete(1)?.message.topic).toBe('t');
    expect(payloadsSent(link)).toEqual(['two']);
  });
});

describe('a client that comes back', () => {
  test('is sent again what it left unacknowledged: same ids, same order, with DUP [MQTT-4.4.0-1]', () => {
    const { session } = makeSession();
    session.attach(new FakeLink());
    offerAll(session, ['a', 'b', 'c']);
    session.acknowledge(2);
    session.detach(5);
    const link = new FakeLink();
    session.attach(link);
    expect(link.takePublishes()).toEqual([
      { type: 'publish', topic: 't', payload: 'a', qos: 1, packetId: 1, retain: false, dup: true },
      { type: 'publish', topic: 't', payload: 'c', qos: 1, packetId: 3, retain: false, dup: true },
    ]);
  });

  test('is sent PUBREL alone for what it has received already [MQTT-4.3.3-1]', () => {
    const { session } = makeSession();
    session.attach(new FakeLink());
    offerAll(session, ['a', 'b'], 2);
    session.release(session.received(1)!);
    session.detach(5);
    const link = new FakeLink();
    session.attach(link);
    expect(link.takeSent()).toMatchObject([
      { type: 'pubrel', packetId: 1 },
      { type: 'publish', payload: 'b', dup: true },
    ]);
  });

  test('gets what came while it was away behind that, without DUP', () => {
    const { session } = makeSession();
    session.attach(new FakeLink());
    offerAll(session, ['a']);
    session.detach(5);
    offerAll(session, ['b', 'c']);
    const link = new FakeLink();
    session.attach(link);
    expect(link.takePublishes()).toMatchObject([
      { payload: 'a', dup: true },
      { payload: 'b', dup: false },
      { payload: 'c', dup: false },
    ]);
  });

  test('finds nothing of QoS 0 that came meanwhile: that is dropped and counted', () => {
    const { session, counters } = makeSession();
    offerAll(session, ['a', 'b'], 0);
    const link = new FakeLink();
    session.attach(link);
    expect(link.takeSent()).toEqual([]);
    expect(counters.dropped.offline).toBe(2);
  });

  test('was away since the moment that the session was told', () => {
    const { session } = makeSession();
    session.detach(123);
    expect(session.disconnectedAtMs).toBe(123);
    session.attach(new FakeLink());
    expect(session.disconnectedAtMs).toBeUndefined();
  });
});

describe('a client that is behind with reading', () => {
  test('has its messages wait at QoS 1 and 2 and gets them in order once it reads on', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    link.writable = false;
    offerAll(session, ['a', 'b']);
    expect(link.takeSent()).toEqual([]);
    link.writable = true;
    offerAll(session, ['c']);
    expect(link.takeSent()).toEqual([]);
    session.pump();
    expect(payloadsSent(link)).toEqual(['a', 'b', 'c']);
  });

  test('is handed QoS 0 all the same: the connection decides what it has room for', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    link.writable = false;
    offerAll(session, ['a'], 0);
    expect(payloadsSent(link)).toEqual(['a']);
  });
});

describe('packet ids', () => {
  test('wrap past 65,535 and pass over one that is still in flight [MQTT-2.3.1-4]', () => {
    const { session } = makeSession({ limits: { inflightMax: 5 } });
    const link = new FakeLink();
    session.attach(link);
    session.offer(makeMessage('t', 'stuck', 1), 1);
    for (let id = 2; id <= 65_535; id += 1) {
      session.offer(makeMessage('t', '', 1), 1);
      session.acknowledge(id);
    }
    link.takeSent();
    offerAll(session, ['next', 'after']);
    expect(link.takePublishes()).toMatchObject([
      { payload: 'next', packetId: 2 },
      { payload: 'after', packetId: 3 },
    ]);
    expect(session.acknowledge(1)?.message.queueBytes).toBe('tstuck'.length);
  });
});

describe('a full queue', () => {
  const away = (limits: Parameters<typeof makeSession>[0]) => makeSession(limits);
  const drain = (session: Session): string[] => {
    const link = new FakeLink();
    session.attach(link);
    return payloadsSent(link);
  };

  test('under dropOldest gives up the messages that have waited longest, and counts them', () => {
    const { session, counters } = away({ limits: { queueMessagesMax: 3, queuePolicy: 'dropOldest' } });
    offerAll(session, numbers(5));
    expect(counters.dropped.queue_full).toBe(2);
    expect(drain(session)).toEqual(['2', '3', '4']);
  });

  test('under dropNewest turns away the message that comes, and counts it', () => {
    const { session, counters } = away({ limits: { queueMessagesMax: 3, queuePolicy: 'dropNewest' } });
    offerAll(session, numbers(3));
    expect(session.offer(makeMessage('t', 'late', 1), 1)).toBeUndefined();
    expect(counters.dropped.queue_full).toBe(1);
    expect(drain(session)).toEqual(['0', '1', '2']);
  });

  test('under refuse says beforehand that it has no room', () => {
    const { session, counters } = away({ limits: { queueMessagesMax: 1, queuePolicy: 'refuse' } });
    const message = makeMessage('t', 'x', 1);
    expect(session.hasRoomFor(message)).toBe(true);
    session.offer(message, 1);
    expect(session.hasRoomFor(message)).toBe(false);
    session.attach(new FakeLink());
    expect(session.hasRoomFor(message)).toBe(true);
    expect(counters.dropped.queue_full).toBe(0);
  });

  test('is full by topic and payload bytes too', () => {
    const { session, counters } = away({ limits: { queueBytesMax: 22 } });
    offerAll(session, ['aaaaaaaaaa', 'bbbbbbbbbb']);
    expect(counters.dropped.queue_full).toBe(0);
    offerAll(session, ['c']);
    expect(counters.dropped.queue_full).toBe(1);
    expect(drain(session)).toEqual(['bbbbbbbbbb', 'c']);
  });

  test('of no messages at all still lets through what can be sent at once', () => {
    const { session, counters } = away({ limits: { queueMessagesMax: 0 } });
    offerAll(session, ['lost']);
    expect(counters.dropped.queue_full).toBe(1);
    const link = new FakeLink();
    session.attach(link);
    offerAll(session, ['sent']);
    expect(payloadsSent(link)).toEqual(['sent']);
  });

  test('counts what waits, not what is in flight', () => {
    const { session, counters } = away({ limits: { queueMessagesMax: 2, inflightMax: 3 } });
    session.attach(new FakeLink());
    offerAll(session, numbers(5));
    expect([counters.dropped.queue_full, session.owedCount]).toEqual([0, 5]);
    offerAll(session, ['more']);
    expect([counters.dropped.queue_full, session.owedCount]).toEqual([1, 5]);
  });

  test('loses a message that could never fit, and nothing else', () => {
    const { session, counters } = away({ limits: { queueBytesMax: 22 } });
    offerAll(session, ['aaaaaaaaaa', 'bbbbbbbbbb', 'c'.repeat(30)]);
    expect(counters.dropped.queue_full).toBe(1);
    expect(drain(session)).toEqual(['aaaaaaaaaa', 'bbbbbbbbbb']);
  });
});

test('a purge tells what it has thrown away, whatever comes in its place at once', () => {
  const { session } = makeSession({ store: new FakeDeliveryStore() });
  const link = new FakeLink();
  session.attach(link);
  link.writable = false;
  offerAll(session, numbers(3));
  replay(session, 2, retained(1, 2));
  link.writable = true;
  expect(session.purge()).toBe(3);
  // The retained message, which at QoS 2 waits until it is durable.
  expect(session.waitingCount).toBe(1);
});

describe('retained messages for a new subscription', () => {
  test('carry RETAIN and the lower of both qualities', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    replay(session, 1, retained(1, 2));
    expect(link.takePublishes()).toMatchObject([{ payload: '0', qos: 1, retain: true, dup: false }]);
  });

  test('come behind what waits already', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    link.writable = false;
    session.attach(link);
    offerAll(session, ['waits']);
    replay(session, 1, retained(1));
    link.writable = true;
    session.pump();
    expect(payloadsSent(link)).toEqual(['waits', '0']);
  });

  test('are drawn as the window opens, so that many of them cost no memory', () => {
    const { session } = makeSession({ limits: { inflightMax: 2 } });
    const link = new FakeLink();
    session.attach(link);
    replay(session, 1, retained(5));
    expect([link.takePublishes().length, session.owedCount]).toEqual([2, 2]);
    for (let id = 1; id <= 5; id += 1) session.acknowledge(id);
    expect(payloadsSent(link)).toEqual(['2', '3', '4']);
    expect(session.owedCount).toBe(0);
  });

  test('are handed out in steps, and each step asks for the next', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    replay(session, 0, retained(1000, 0));
    let all = payloadsSent(link);
    expect(all.length).toBeLessThan(1000);
    for (let step = 0; step < 100 && link.pumpsAskedFor > 0; step += 1) {
      link.pumpsAskedFor = 0;
      session.pump();
      all = [...all, ...payloadsSent(link)];
    }
    expect(all).toEqual(numbers(1000));
  });

  test('are looked for in steps where very many subscriptions match none', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    const made = numbers(1000).map((name) => ({
      subscriber: session,
      filter: topicFilter(name),
      qos: 0 as const,
    }));
    for (const subscription of made) session.subscriptions.set(subscription.filter, subscription);
    let looked = 0;
    session.replay(made, function* () {
      looked += 1;
      yield* [];
    });
    expect(looked).toBeLessThan(1000);
    for (let step = 0; step < 100 && link.pumpsAskedFor > 0; step += 1) {
      link.pumpsAskedFor = 0;
      session.pump();
    }
    expect([looked, link.pumpsAskedFor]).toEqual([1000, 0]);
  });

  test('of several subscriptions come one after the other', () => {
    const { session } = makeSession();
    const link = new FakeLink();
    session.attach(link);
    link.writable = false;
    replay(session, 0, retained(2, 0));
    replay(session, 0, retained(3, 0));
    link.writable = true;
    session.pump();
    expect(payloadsSent(link)).toEqual(['0', '1', '0', '1', '2']);
  });
});
