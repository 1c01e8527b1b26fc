import { describe, expect, test } from '@jest/globals';
import { connected } from '../../support/connect-request.js';
import { type BrokerOptions, makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';
import { madeUpPolicy } from '../../support/made-up-policy.js';

/** A publisher, and a subscriber of everything at QoS 2. */
const makePair = async (options: BrokerOptions = {}) => {
  const made = makeBroker(options);
  const publisher = await connected(made.broker, { clientId: 'publisher' });
  const subscriber = await connected(made.broker, { clientId: 'subscriber' });
  made.broker.subscribe(subscriber.client, 1, [{ filter: topicFilter('#'), qos: 2 }]);
  subscriber.link.takeSent();
  return { ...made, publisher, subscriber };
};

describe('a publish', () => {
  test('is answered by its quality: nothing, PUBACK, PUBREC', async () => {
    const { broker, publisher, subscriber } = await makePair();
    broker.publish(publisher.client, makeMessage('t', '0'), 0);
    broker.publish(publisher.client, makeMessage('t', '1', 1), 11);
    broker.publish(publisher.client, makeMessage('t', '2', 2), 12);
    expect(publisher.link.takeSent()).toEqual([
      { type: 'puback', packetId: 11 },
      { type: 'pubrec', packetId: 12 },
    ]);
    expect(subscriber.link.takePublishes().map(({ payload, qos }) => [payload, qos])).toEqual([
      ['0', 0],
      ['1', 1],
      ['2', 2],
    ]);
  });

  test('at QoS 2 is routed once for its id until PUBREL, and then anew [MQTT-4.3.3-2]', async () => {
    const { broker, publisher, subscriber } = await makePair();
    const payloads = () => subscriber.link.takePublishes().map(({ payload }) => payload);
    broker.publish(publisher.client, makeMessage('t', 'first', 2), 7);
    broker.publish(publisher.client, makeMessage('t', 'first', 2), 7);
    broker.publish(publisher.client, makeMessage('t', 'other', 2), 8);
    expect(payloads()).toEqual(['first', 'other']);
    broker.pubrel(publisher.client, 7);
    broker.publish(publisher.client, makeMessage('t', 'second', 2), 7);
    expect(payloads()).toEqual(['second']);
    expect(publisher.link.takeSent().map(({ type }) => type)).toEqual([
      'pubrec',
      'pubrec',
      'pubrec',
      'pubcomp',
      'pubrec',
    ]);
  });

  test('PUBREL of an id that nobody knows gets PUBCOMP', async () => {
    const { broker, publisher } = await makePair();
    broker.pubrel(publisher.client, 99);
    expect(publisher.link.takeSent()).toEqual([{ type: 'pubcomp', packetId: 99 }]);
  });

  test('comes back to its own publisher, once for all its overlapping subscriptions', async () => {
    const { broker, subscriber } = await makePair();
    broker.subscribe(subscriber.client, 2, [
      { filter: topicFilter('t'), qos: 0 },
      { filter: topicFilter('+'), qos: 1 },
    ]);
    subscriber.link.takeSent();
    broker.publish(subscriber.client, makeMessage('t', 'own', 1), 5);
    expect(subscriber.link.takePublishes()).toMatchObject([{ payload: 'own', qos: 1 }]);
  });

  test.each([
    ['$SYS/broker/x', 0],
    ['$SYS', 1],
    ['$SYS/broker/x', 2],
  ] as const)('to %s is acknowledged and goes no further', async (topic, qos) => {
    const { broker, publisher, subscriber } = await makePair();
    broker.subscribe(subscriber.client, 2, [{ filter: topicFilter('$SYS/#'), qos: 2 }]);
    subscriber.link.takeSent();
    broker.publish(publisher.client, makeMessage(topic, 'x', qos, true), qos === 0 ? 0 : 3);
    expect(publisher.link.takeSent()).toEqual(
      qos === 0 ? [] : [{ type: qos === 1 ? 'puback' : 'pubrec', packetId: 3 }],
    );
    expect([subscriber.link.takeSent(), broker.counters.dropped.server_topic]).toEqual([[], 1]);
    expect(broker.gauges().retainedMessages).toBe(0);
  });

  test('to another $ topic reaches who asks for it by name', async () => {
    const { broker, publisher, subscriber } = await makePair();
    broker.publish(publisher.client, makeMessage('$other/x', 'hidden'), 0);
    broker.subscribe(subscriber.client, 2, [{ filter: topicFilter('$other/+'), qos: 0 }]);
    subscriber.link.takeSent();
    broker.publish(publisher.client, makeMessage('$other/x', 'seen'), 0);
    expect(subscriber.link.takePublishes()).toMatchObject([{ payload: 'seen' }]);
  });
});

describe('a publish without permission', () => {
  const access = madeUpPolicy({ publish: (topic) => topic === 'no' });

  test('is acknowledged, dropped and counted', async () => {
    const { broker, publisher, subscriber } = await makePair({ access });
    broker.publish(publisher.client, makeMessage('no'), 0);
    broker.publish(publisher.client, makeMessage('no', '', 1), 1);
    broker.publish(publisher.client, makeMessage('no', '', 2), 2);
    expect(publisher.link.takeSent().map(({ type }) => type)).toEqual(['puback', 'pubrec']);
    expect([subscriber.link.takeSent(), broker.counters.dropped.denied]).toEqual([[], 3]);
    expect(broker.counters.authorizations.publish.denied[0]).toBe(3);
  });

  test('ends the connection where that is the policy', async () => {
    const { broker, publisher } = await makePair({ access, onDeniedPublish: 'disconnect' });
    broker.publish(publisher.client, makeMessage('no', '', 1), 1);
    expect([publisher.link.closeReason, publisher.link.takeSent()]).toEqual(['not_authorized', []]);
  });
});

describe('the queue policy refuse', () => {
  test('closes the publisher at QoS 1 and 2 when a receiver has no room, before anybody gets the message', async () => {
    const { broker, publisher, subscriber } = await makePair({
      limits: { queuePolicy: 'refuse', queueMessagesMax: 1 },
    });
    const away = await connected(broker, { clientId: 'away', cleanSession: false });
    broker.subscribe(away.client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
    broker.endConnection(away.client, { end: 'lost', reason: 'peer_closed' });
    broker.publish(publisher.client, makeMessage('t', 'fits', 1), 1);
    expect(publisher.link.closeReason).toBeUndefined();
    broker.publish(publisher.client, makeMessage('t', 'at most once'), 0);
    expect(publisher.link.closeReason).toBeUndefined();
    subscriber.link.takeSent();
    broker.publish(publisher.client, makeMessage('t', 'too much', 1), 2);
    expect(publisher.link.closeReason).toBe('queue_full');
    expect(publisher.link.takeSent()).toEqual([{ type: 'puback', packetId: 1 }]);
    expect([subscriber.link.takeSent(), broker.counters.dropped.queue_full]).toEqual([[], 0]);
  });

  test('lets a QoS 2 message be sent again that was taken on before', async () => {
    const { broker, publisher, subscriber } = await makePair({
      limits: { queuePolicy: 'refuse', queueMessagesMax: 0, inflightMax: 1 },
    });
    broker.publish(publisher.client, makeMessage('t', 'once', 2), 1);
    expect(subscriber.link.takePublishes()).toHaveLength(1);
    broker.publish(publisher.client, makeMessage('t', 'once', 2), 1);
    expect([publisher.link.closeReason, publisher.link.takeSent().length]).toEqual([undefined, 2]);
  });
});
