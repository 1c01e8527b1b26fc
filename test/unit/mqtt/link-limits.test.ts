import { describe, expect, test } from '@jest/globals';
import { type FakeClient, type FakeNetwork, makeNetwork, turn } from '../../support/fake-client.js';
import { connect, pingreq, puback, publish, subscribe } from '../../support/packets.js';

const SECOND = 1000;
const messages = (count: number, fields: Partial<Parameters<typeof publish>[0]> = {}): Buffer[] =>
  Array.from({ length: count }, (_, i) =>
    publish({
      topic: 't',
      payload: `${i}`,
      ...fields,
      ...(fields.qos === undefined ? {} : { packetId: i + 1 }),
    }),
  );
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
const closedFor = ({ broker }: FakeNetwork, reason: string): number =>
  broker.counters.closed.get(reason) ?? 0;

describe('connectTimeoutSeconds', () => {
  const network = () => makeNetwork({ limits: { connectTimeoutSeconds: 5 } });

  test('closes a connection on which nothing came, and not before its time', () => {
    const made = network();
    const client = made.open()!;
    made.clock.advance(4.75 * SECOND);
    expect(client.stream.isEnded).toBe(false);
    made.clock.advance(0.5 * SECOND);
    expect(client.stream.isEnded).toBe(true);
    expect(closedFor(made, 'connect_timeout')).toBe(1);
  });

  test('closes a connection on which half a CONNECT came', async () => {
    const { clock, open } = network();
    const client = open()!;
    await client.send(connect({ clientId: 'half' }).subarray(0, 8));
    clock.advance(5.25 * SECOND);
    expect(client.stream.isEnded).toBe(true);
  });

  test('is not put off by bytes that drip', async () => {
    const { clock, open } = network();
    const client = open()!;
    const bytes = connect({ clientId: 'x'.repeat(100) });
    let dripped = 0;
    for (; !client.stream.isEnded && dripped < bytes.length - 1; dripped += 1) {
      client.stream.receive(bytes.subarray(dripped, dripped + 1));
      clock.advance(SECOND);
    }
    expect(dripped).toBeLessThanOrEqual(6);
    expect(client.stream.isEnded).toBe(true);
  });

  test('touches nobody whose CONNECT was accepted in time', async () => {
    const { clock, open } = network();
    const client = open()!;
    clock.advance(4 * SECOND);
    await client.send(connect({ clientId: 'late' }));
    clock.advance(60 * SECOND);
    expect(client.stream.isEnded).toBe(false);
    client.packets();
    expect(await client.isServed()).toBe(true);
  });

  test('cuts off a peer that doesn’t end its side either', () => {
    const { clock, open, endpoint } = network();
    const client = open()!;
    clock.advance(5.25 * SECOND);
    expect(client.stream.isDestroyed).toBe(false);
    clock.advance(3.25 * SECOND);
    expect(client.stream.isDestroyed).toBe(true);
    client.stream.close();
    expect(endpoint.connectionCount).toBe(0);
  });
});

describe('connectionsMax and connectionsPerAddressMax', () => {
  test('turn away the connection that is one too many, and make room when one has ended', () => {
    const made = makeNetwork({ limits: { connectionsMax: 2 } });
    const first = made.open()!;
    expect([made.open('192.0.2.2'), made.open('192.0.2.3')]).toEqual([expect.anything(), undefined]);
    expect([closedFor(made, 'too_many_connections'), made.reports]).toEqual([1, ['too_many_connections']]);
    first.stream.close();
    expect(made.open('192.0.2.3')).toBeDefined();
  });

  test('count each address by itself', () => {
    const made = makeNetwork({ limits: { connectionsPerAddressMax: 1 } });
    const first = made.open('192.0.2.1')!;
    expect([made.open('192.0.2.1'), made.open('192.0.2.2')]).toEqual([undefined, expect.anything()]);
    first.stream.close();
    expect(made.open('192.0.2.1')).toBeDefined();
    expect(made.open('192.0.2.1')).toBeUndefined();
  });

  test('set no limit by address at 0', () => {
    const made = makeNetwork({ limits: { connectionsPerAddressMax: 0 } });
    expect(Array.from({ length: 50 }, () => made.open('192.0.2.1'))).not.toContain(undefined);
  });

  test('count a connection until its peer has ended too', async () => {
    const made = makeNetwork({ limits: { connectionsMax: 1 } });
    const client = made.open()!;
    await client.send(pingreq());
    expect(client.stream.isEnded).toBe(true);
    expect(made.open()).toBeUndefined();
    client.stream.close();
    expect(made.open()).toBeDefined();
  });
});

describe('outboxBytesMax', () => {
  const limits = { outboxBytesMax: 400_000 };
  const kilobyte = 'k'.repeat(1000);

  /** A subscriber that stops reading, one that reads, and somebody who publishes to both. */
  const slowAndQuick = async (qos: 0 | 1, changed: object = {}) => {
    const made = makeNetwork({ limits: { ...limits, ...changed } });
    const [slow, quick, publisher] = [await made.connect(), await made.connect(), await made.connect()];
    await slow.subscribe(['t', qos]);
    await quick.subscribe(['t', qos]);
    slow.stream.stall();
    return { ...made, slow, quick, publisher };
  };

  test('is the most that waits for a subscriber that stops reading; what is more at QoS 0 is dropped and counted', async () => {
    const { broker, slow, quick, publisher } = await slowAndQuick(0);
    let read = 0;
    for (let i = 0; i < 100; i += 1) {
      await publisher.send(...messages(20, { payload: kilobyte }));
      read += quick.publishes().length;
      expect(slow.stream.waitingBytes).toBeLessThan(limits.outboxBytesMax + 2000);
    }
    expect(read).toBe(2000);
    slow.stream.flow();
    await turn();
    const came = slow.publishes().length;
    expect(came).toBeGreaterThan(350);
    expect(came + broker.counters.dropped.outbox_full).toBe(2000);
    expect(broker.counters.dropped.outbox_full).toBeGreaterThan(1500);
  });

  test('lets QoS 1 wait in the session, in order, while others go on', async () => {
    const { broker, slow, quick, publisher } = await slowAndQuick(1, { inflightMax: 65_535 });
    const all: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const payloads = numbers(20).map((n) => `${i} ${n} ${kilobyte}`);
      all.push(...payloads);
      await publisher.send(
        ...payloads.map((payload) => publish({ topic: 't', payload, qos: 1, packetId: 1 })),
      );
      expect(publisher.packets()).toHaveLength(20);
      for (const { packetId } of quick.publishes()) await quick.send(puback(packetId));
    }
    expect(slow.stream.waitingBytes).toBeLessThan(limits.outboxBytesMax);
    slow.stream.flow();
    const came: string[] = [];
    for (let i = 0; i < 50 && came.length < all.length; i += 1) {
      await turn();
      came.push(...slow.payloads());
    }
    expect(came).toEqual(all);
    expect(broker.counters.dropped).toMatchObject({ outbox_full: 0, queue_full: 0 });
  });

  test('holds at QoS 1 when it is small, too', async () => {
    const { slow, publisher } = await slowAndQuick(1, { outboxBytesMax: 20_000 });
    for (let i = 0; i < 10; i += 1) await publisher.send(...messages(10, { payload: kilobyte, qos: 1 }));
    expect(slow.stream.waitingBytes).toBeLessThan(22_000);
  });

  test('holds for answers, to a client that asks on and on and reads nothing', async () => {
    const made = makeNetwork({ limits: { outboxBytesMax: 20_000 } });
    const client = await made.connect();
    client.stream.stall();
    const many = Buffer.concat(Array.from({ length: 1000 }, pingreq));
    for (let i = 0; i < 100 && !client.stream.isPaused; i += 1) await client.send(many);
    expect(client.stream.waitingBytes).toBeLessThan(30_000);
  });

  test('holds for what is sent again to a client that comes back and reads nothing', async () => {
    const made = makeNetwork({ limits: { outboxBytesMax: 300_000, inflightMax: 1000 } });
    const subscriber = await made.connect({ clientId: 'back', cleanSession: false });
    await subscriber.subscribe(['t', 1]);
    const publisher = await made.connect();
    for (let i = 0; i < 100; i += 1)
      await publisher.send(publish({ topic: 't', payload: 'x'.repeat(10_000), qos: 1, packetId: 1 }));
    expect(subscriber.publishes()).toHaveLength(100);
    const again = made.open()!;
    again.stream.stall();
    await again.send(connect({ clientId: 'back', cleanSession: false }));
    expect(again.stream.waitingBytes).toBeLessThan(320_000);
  });
});

describe('outboxStallSeconds', () => {
  const stuck = async (changed: object = {}) => {
    const made = makeNetwork({ limits: { outboxStallSeconds: 10, outboxBytesMax: 400_000, ...changed } });
    const [slow, publisher] = [await made.connect(), await made.connect()];
    await slow.subscribe(['t', 0]);
    slow.stream.stall();
    for (let i = 0; i < 500; i += 1) await publisher.send(publish({ topic: 't', payload: 'x'.repeat(1000) }));
    return { ...made, slow, publisher };
  };

  test('closes a connection that takes nothing while its outbox is full, and not before its time', async () => {
    const made = await stuck();
    made.clock.advance(9.75 * SECOND);
    expect(made.slow.stream.isEnded).toBe(false);
    made.clock.advance(0.75 * SECOND);
    expect(made.slow.stream.isEnded).toBe(true);
    expect(closedFor(made, 'outbox_stalled')).toBe(1);
    expect(await made.publisher.isServed()).toBe(true);
  });

  test('begins anew with every bit that is taken', async () => {
    const { clock, slow } = await stuck();
    for (let i = 0; i < 5; i += 1) {
      clock.advance(8 * SECOND);
      slow.stream.take(1);
      await turn();
    }
    expect(slow.stream.isEnded).toBe(false);
  });

  test('leaves alone who is behind with less than that', async () => {
    const made = makeNetwork({ limits: { outboxStallSeconds: 10 } });
    const [slow, publisher] = [await made.connect(), await made.connect()];
    await slow.subscribe(['t', 0]);
    slow.stream.stall();
    await publisher.send(...messages(5));
    made.clock.advance(60 * SECOND);
    expect(slow.stream.isEnded).toBe(false);
  });

  test('closes a connection whose small outbox is full', async () => {
    const { clock, slow } = await stuck({ outboxBytesMax: 20_000 });
    clock.advance(11 * SECOND);
    expect(slow.stream.isEnded).toBe(true);
  });
});

describe('publishRateMax and publishBytesRateMax', () => {
  const subscribed = async (limits: object) => {
    const made = makeNetwork({ limits });
    const [watcher, publisher] = [await made.connect(), await made.connect({ keepAlive: 0 })];
    await watcher.subscribe(['t', 0]);
    // What CONNECT took of the allowance is back.
    made.clock.advance(2 * SECOND);
    return { ...made, watcher, publisher };
  };
  /** Turns the clock by quarters of a second, and lists what comes in each second. */
  const seconds = async (made: FakeNetwork & { watcher: FakeClient }, count: number): Promise<number[]> => {
    const came: number[] = [];
    for (let second = 0; second < count; second += 1) {
      made.clock.advance(SECOND);
      await turn();
      came.push(made.watcher.publishes().length);
    }
    return came;
  };

  test('slow the reading down to the messages that are allowed, and lose none', async () => {
    const made = await subscribed({ publishRateMax: 10 });
    await made.publisher.send(...messages(35));
    expect(made.publisher.stream.isPaused).toBe(true);
    const first = made.watcher.publishes().length;
    expect(first).toBe(10);
    const later = await seconds(made, 3);
    expect(Math.max(...later)).toBeLessThanOrEqual(11);
    expect(first + later.reduce((sum, n) => sum + n)).toBe(35);
    await seconds(made, 1);
    expect(made.publisher.stream.isPaused).toBe(false);
    expect(made.broker.counters.dropped).toMatchObject({ outbox_full: 0, queue_full: 0, denied: 0 });
  });

  test('keep the order of messages', async () => {
    const made = await subscribed({ publishRateMax: 3 });
    await made.publisher.send(...messages(10));
    const came = made.watcher.payloads();
    for (let i = 0; i < 4; i += 1) {
      made.clock.advance(SECOND);
      await turn();
      came.push(...made.watcher.payloads());
    }
    expect(came).toEqual(numbers(10));
  });

  test('slow the reading down to the bytes that are allowed', async () => {
    const made = await subscribed({ publishBytesRateMax: 1000 });
    await made.publisher.send(publish({ topic: 't', payload: 'x'.repeat(2990) }));
    expect(made.publisher.stream.isPaused).toBe(true);
    expect(made.watcher.publishes()).toHaveLength(1);
    made.clock.advance(1.75 * SECOND);
    expect(made.publisher.stream.isPaused).toBe(true);
    made.clock.advance(0.5 * SECOND);
    expect(made.publisher.stream.isPaused).toBe(false);
  });

  test('touch nobody else', async () => {
    const made = await subscribed({ publishRateMax: 2 });
    await made.publisher.send(...messages(10));
    expect(await made.watcher.isServed()).toBe(true);
    expect(made.watcher.stream.isPaused).toBe(false);
  });

  test('set no limit at 0', async () => {
    const made = await subscribed({ publishRateMax: 0, publishBytesRateMax: 0 });
    await made.publisher.send(...messages(5000));
    expect(made.watcher.publishes()).toHaveLength(5000);
    expect(made.publisher.stream.isPaused).toBe(false);
  });

  test('save up no more than a second’s worth', async () => {
    const made = await subscribed({ publishRateMax: 5 });
    made.clock.advance(100 * SECOND);
    await made.publisher.send(...messages(20));
    expect(made.watcher.publishes()).toHaveLength(5);
  });

  test('don’t let the keep alive of a client run out while nothing is read from it', async () => {
    const made = makeNetwork({ limits: { publishBytesRateMax: 100 } });
    const client = await made.connect({ keepAlive: 2 });
    made.clock.advance(SECOND);
    await client.send(publish({ topic: 't', payload: 'x'.repeat(1000) }));
    expect(client.stream.isPaused).toBe(true);
    made.clock.advance(8 * SECOND);
    expect(client.stream.isEnded).toBe(false);
  });
});

test('a subscription beyond subscriptionsPerSessionMax fails by itself, with code 0x80', async () => {
  const made = makeNetwork({ limits: { subscriptionsPerSessionMax: 2 } });
  const client = await made.connect();
  await client.send(subscribe(1, ['a', 1], ['b', 0], ['c', 2], ['a', 2]));
  expect(client.packets()).toEqual([{ type: 'suback', packetId: 1, returnCodes: [1, 0, 0x80, 2] }]);
  expect(made.broker.gauges().subscriptions).toBe(2);
});
