import { describe, expect, test } from '@jest/globals';
import type { LimitsConfig } from '../../../src/adapters/config/config.js';
import { connected } from '../../support/connect-request.js';
import { makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';

const setUp = async (limits: Partial<LimitsConfig>) => {
  const { broker } = makeBroker({ limits });
  const { client, link } = await connected(broker);
  const retain = (topic: string, payload: string): void =>
    broker.publish(client, makeMessage(topic, payload, 0, true), 0);
  const kept = (): string[] => {
    broker.subscribe(client, 1, [{ filter: topicFilter('#'), qos: 0 }]);
    const payloads = link.takePublishes().map(({ payload }) => payload);
    broker.unsubscribe(client, 2, [topicFilter('#')]);
    link.takeSent();
    return payloads.sort();
  };
  return { broker, retain, kept, link, client };
};

describe('retainedMessagesMax', () => {
  test('routes a message to a new topic beyond it without keeping it, and counts that', async () => {
    const { broker, retain, kept, client, link } = await setUp({ retainedMessagesMax: 2 });
    retain('a', 'one');
    retain('b', 'two');
    broker.subscribe(client, 1, [{ filter: topicFilter('c'), qos: 0 }]);
    retain('c', 'three');
    expect(link.takePublishes()).toMatchObject([{ payload: 'three', retain: false }]);
    expect([broker.counters.dropped.retained_full, kept()]).toEqual([1, ['one', 'two']]);
  });

  test('lets a topic that has a message have another, and takes new topics when one is erased', async () => {
    const { broker, retain, kept } = await setUp({ retainedMessagesMax: 1 });
    retain('a', 'old');
    retain('a', 'new');
    expect(kept()).toEqual(['new']);
    retain('a', '');
    retain('b', 'b');
    expect([broker.counters.dropped.retained_full, kept()]).toEqual([0, ['b']]);
  });

  test('of 0 keeps nothing', async () => {
    const { broker, retain, kept } = await setUp({ retainedMessagesMax: 0 });
    retain('a', 'x');
    expect([broker.counters.dropped.retained_full, kept()]).toEqual([1, []]);
  });
});

describe('retainedBytesMax', () => {
  test('counts topics and payloads, and the limit itself still fits', async () => {
    const { broker, retain, kept } = await setUp({ retainedBytesMax: 10 });
    retain('ab', '123456');
    retain('c', '7');
    expect([broker.counters.dropped.retained_full, broker.gauges().retainedBytes]).toEqual([0, 10]);
    retain('d', '8');
    expect([broker.counters.dropped.retained_full, kept()]).toEqual([1, ['123456', '7']]);
  });

  test('holds for a message that takes the place of a smaller one', async () => {
    const { broker, retain } = await setUp({ retainedBytesMax: 10 });
    retain('a', 'x');
    retain('a', 'y'.repeat(1000));
    expect(broker.gauges().retainedBytes).toBeLessThanOrEqual(10);
  });
});
