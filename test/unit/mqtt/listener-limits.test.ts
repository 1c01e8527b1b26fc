import { describe, expect, test } from '@jest/globals';
import { makeNetwork } from '../../support/fake-client.js';
import { connect, publish, subscribe } from '../../support/packets.js';

const codesOf = (packets: readonly unknown[]): unknown =>
  packets.find((packet) => (packet as { type: string }).type === 'suback');

describe('a listener’s own limits', () => {
  test('hold for its clients and for nobody else', async () => {
    const { open, broker } = makeNetwork();
    const own = { packetBytesMax: 200 };
    const [narrow, wide] = [open('192.0.2.1', own)!, open('192.0.2.1')!];
    await narrow.send(connect({ clientId: 'narrow' }), publish({ topic: 't', payload: 'x'.repeat(300) }));
    await wide.send(connect({ clientId: 'wide' }), publish({ topic: 't', payload: 'x'.repeat(300) }));
    expect([narrow.stream.isEnded, wide.stream.isEnded]).toEqual([true, false]);
    expect(broker.counters.closed.get('packet_too_large')).toBe(1);
  });

  test('of topics aren’t got around by a topic that another listener has let through', async () => {
    const { open, broker } = makeNetwork();
    const wide = open('192.0.2.1')!;
    await wide.send(connect({ clientId: 'wide' }), publish({ topic: 'a/b/c' }));
    const narrow = open('192.0.2.1', { topicLevelsMax: 2 })!;
    await narrow.send(connect({ clientId: 'narrow' }), publish({ topic: 'a/b/c' }));
    expect([wide.stream.isEnded, narrow.stream.isEnded]).toEqual([false, true]);
    expect(broker.counters.closed.get('topic_too_large')).toBe(1);
  });

  test('of subscriptions are answered with 0x80 and counted', async () => {
    const { open, broker } = makeNetwork();
    const client = open('192.0.2.1', { subscriptionsPerSessionMax: 1 })!;
    await client.send(connect({ clientId: 'c' }), subscribe(1, ['a', 0], ['b', 0], ['a', 1]));
    expect(codesOf(client.packets())).toMatchObject({ returnCodes: [0, 0x80, 1] });
    expect(broker.counters.subscriptionsRefused).toEqual({ not_authorized: 0, too_many_subscriptions: 1 });
  });

  test('of the in-flight window hold for the connection, also with an older session', async () => {
    const { open, connect: connectClient } = makeNetwork();
    const publisher = await connectClient();
    const receiver = open('192.0.2.1', { inflightMax: 2 })!;
    await receiver.send(connect({ clientId: 'r' }), subscribe(1, ['t', 1]));
    receiver.packets();
    for (let id = 1; id <= 5; id += 1)
      await publisher.send(publish({ topic: 't', payload: `${id}`, qos: 1, packetId: id }));
    expect(receiver.payloads()).toEqual(['1', '2']);
  });

  test('leave the others to the general limits, also when those are set anew', async () => {
    const { open, broker, limits } = makeNetwork();
    const own = { inflightMax: 2 };
    open('192.0.2.1', own);
    (limits as { filtersPerSubscribeMax: number }).filtersPerSubscribeMax = 1;
    const client = open('192.0.2.1', own)!;
    await client.send(connect({ clientId: 'c' }), subscribe(1, ['a', 0], ['b', 0]));
    expect([client.stream.isEnded, [...broker.counters.closed.keys()]]).toEqual([
      true,
      ['too_many_subscriptions'],
    ]);
  });

  test('of the publish rate slow the reading and drop nothing', async () => {
    const { open, broker, clock } = makeNetwork();
    const client = open('192.0.2.1', { publishRateMax: 2 })!;
    await client.send(
      connect({ clientId: 'fast' }),
      ...Array.from({ length: 10 }, () => publish({ topic: 't' })),
    );
    expect([broker.counters.received[0], client.stream.isPaused]).toEqual([2, true]);
    clock.advance(10_000);
    expect([broker.counters.received[0], client.stream.isPaused]).toEqual([10, false]);
    expect(broker.counters.slowed.message_rate).toBeGreaterThan(1);
  });
});

describe('memory', () => {
  const memory = { isFull: false, isShort: false, check: () => undefined };

  test('at its limit lets nobody in, and leaves those who are there alone', async () => {
    const level = { ...memory };
    const { open, connect: connectClient, broker, reports } = makeNetwork({ memory: level });
    const client = await connectClient();
    level.isFull = true;
    expect(open()).toBeUndefined();
    expect([broker.counters.closed.get('memory_full'), reports]).toEqual([1, ['memory_full']]);
    await client.send(...Array.from({ length: 10 }, () => publish({ topic: 't' })));
    expect([broker.counters.received[0], await client.isServed()]).toEqual([10, true]);
    level.isFull = false;
    expect(open()).toBeDefined();
  });

  test('over its limit takes one message a tick from a publisher, and all that receivers send', async () => {
    const level = { ...memory };
    const { connect: connectClient, broker, clock } = makeNetwork({ memory: level });
    const [publisher, receiver] = [await connectClient(), await connectClient()];
    level.isShort = true;
    await publisher.send(...Array.from({ length: 10 }, () => publish({ topic: 't' })));
    expect([broker.counters.received[0], publisher.stream.isPaused]).toEqual([1, true]);
    clock.advance(500);
    expect(broker.counters.received[0]).toBe(3);
    expect([await receiver.isServed(), await receiver.isServed()]).toEqual([true, true]);
    level.isShort = false;
    clock.advance(250);
    expect([broker.counters.received[0], publisher.stream.isPaused]).toEqual([10, false]);
    expect(broker.counters.slowed.memory).toBe(3);
  });
});
