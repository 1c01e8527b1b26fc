import { afterEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../support/manual-clock.js';
import type { MemoryGauge } from '../../src/application/ports/memory-reading.js';
import { connect, puback, publish, subscribe, type FilterRequest } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { startBroker, type StartOptions, type TestBroker } from '../support/start-broker.js';
import { waitUntil } from '../support/wait-until.js';

const SECOND = 1000;
const opened: RawClient[] = [];
let broker: TestBroker | undefined;

afterEach(async () => {
  for (const client of opened.splice(0)) client.destroy();
  await broker?.stop();
});

/** A broker with these limits, whose time stands still. */
async function start(
  config: NonNullable<StartOptions['config']>,
  memory?: MemoryGauge,
): Promise<{ clock: ManualClock }> {
  const clock = new ManualClock();
  const metrics = { enabled: true, port: 0 };
  const health = { canary: { enabled: false } };
  broker = await startBroker({
    clock,
    config: { ...config, metrics, health },
    ...(memory === undefined ? {} : { memory }),
  });
  return { clock };
}

/** A figure as Prometheus reads it; 0 while there is none. */
async function metric(name: string, label = ''): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${broker!.metricsPort}/metrics`);
  const lines = (await answer.text()).split('\n');
  const line = lines.find((each) => each.startsWith(label === '' ? `${name} ` : `${name}{${label}}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const closed = (reason: string): Promise<number> =>
  metric('surety_connections_closed_total', `reason="${reason}"`);

async function open(): Promise<RawClient> {
  const client = await RawClient.open(broker!.port);
  opened.push(client);
  return client;
}

/** So many connections at once, of which only so many are let in; those get their CONNACK. */
async function storm(count: number, letIn: number): Promise<RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, open));
  for (const [i, client] of clients.entries()) client.send(connect({ clientId: `storm-${i}` }));
  await waitUntil(() => clients.filter(({ isClosed }) => isClosed).length >= count - letIn, 'the refusals');
  const within = clients.filter(({ isClosed }) => !isClosed);
  await Promise.all(within.map((client) => client.take('connack')));
  return within;
}

describe('a storm of connections', () => {
  test('past connectionsMax leaves those that are in alone, and room that is given back is used', async () => {
    await start({ limits: { connectionsMax: 20 } });
    const clients = await storm(100, 20);
    expect(clients).toHaveLength(20);
    expect(await closed('too_many_connections')).toBe(80);
    await Promise.all(clients.map((client) => client.ping()));
    for (const client of clients.slice(0, 5)) client.destroy();
    await clients.at(-1)!.ping();
    expect(await storm(5, 5)).toHaveLength(5);
  });

  test('past connectionsPerAddressMax is closed at once', async () => {
    await start({ limits: { connectionsPerAddressMax: 10 } });
    expect(await storm(50, 10)).toHaveLength(10);
    expect(await closed('too_many_from_address')).toBe(40);
  });

  test('past a listener’s own limit is closed at once, whatever the general one is', async () => {
    await start({ listeners: [{ limits: { connectionsMax: 5 } }], limits: { connectionsMax: 100 } });
    expect(await storm(30, 5)).toHaveLength(5);
    expect(await closed('too_many_connections')).toBe(25);
  });

  test.each([
    ['connectRateMax', 'connect_rate'],
    ['connectRatePerAddressMax', 'address_connect_rate'],
  ])('past %s is closed at once, and let in when it has waited', async (limit, reason) => {
    const { clock } = await start({ limits: { [limit]: 10 } });
    expect(await storm(50, 10)).toHaveLength(10);
    expect(await closed(reason)).toBe(40);
    clock.advance(SECOND);
    expect(await storm(50, 10)).toHaveLength(10);
  });

  test('counts per address before its upgrade to WebSocket, which it may never ask for', async () => {
    await start({ listeners: [{ transport: 'websocket' }], limits: { connectionsPerAddressMax: 3 } });
    const silent = await Promise.all(Array.from({ length: 10 }, open));
    await waitUntil(() => silent.filter(({ isClosed }) => isClosed).length === 7, 'the refusals');
  });
});

describe('a flood of messages', () => {
  test.each([
    ['publishRateMax', { publishRateMax: 50 }, 0, 'message_rate'],
    ['publishBytesRateMax', { publishBytesRateMax: 100_000 }, 2000, 'byte_rate'],
  ])('past %s is read more slowly: all of it arrives, in order', async (_, limits, payloadBytes, reason) => {
    const { clock } = await start({ limits });
    const [subscriber, flooder, quiet] = (await storm(3, 3)) as [RawClient, RawClient, RawClient];
    await subscriber.subscribe(['flood', 0], ['quiet', 0]);
    const payloads = Array.from({ length: 150 }, (_, i) => `${i}`.padEnd(payloadBytes));
    flooder.send(...payloads.map((payload) => publish({ topic: 'flood', payload })));
    quiet.send(publish({ topic: 'quiet', payload: 'on time' }));
    const received: string[] = [];
    let refills = 0;
    for (; received.length <= payloads.length; refills++) {
      await subscriber.ping();
      for (const packet of subscriber.takeAll()) if (packet.type === 'publish') received.push(packet.payload);
      clock.advance(SECOND / 4);
    }
    expect(received.filter((payload) => payload !== 'on time')).toEqual(payloads);
    expect(received).toContain('on time');
    // Two or three times the rate, less what may be taken at once.
    expect(refills).toBeGreaterThanOrEqual(5);
    expect(await metric('surety_reading_slowed_total', `reason="${reason}"`)).toBeGreaterThan(1);
  });

  test('past inflightMax waits until the receiver has acknowledged, and comes in order', async () => {
    await start({ limits: { inflightMax: 10 } });
    const [subscriber, flooder] = (await storm(2, 2)) as [RawClient, RawClient];
    await subscriber.subscribe(['flood', 1]);
    const payloads = Array.from({ length: 200 }, (_, i) => `${i}`);
    flooder.send(
      ...payloads.map((payload, i) => publish({ topic: 'flood', payload, qos: 1, packetId: i + 1 })),
    );
    await flooder.ping();
    const received: string[] = [];
    while (received.length < payloads.length) {
      expect(await metric('surety_inflight_messages')).toBe(10);
      expect(await metric('surety_queue_messages')).toBe(190 - received.length);
      await subscriber.ping();
      for (const packet of subscriber.takeAll()) {
        if (packet.type !== 'publish') continue;
        received.push(packet.payload);
        subscriber.send(puback(packet.packetId));
      }
      await subscriber.ping();
    }
    expect(received).toEqual(payloads);
  });
});

describe('clients by the dozen that ask for too much', () => {
  const filters = (count: number): FilterRequest[] => Array.from({ length: count }, (_, i) => [`f/${i}`, 0]);

  test.each([
    ['packetBytesMax', 1000, 'packet_too_large', publish({ topic: 't', payload: 'x'.repeat(1000) })],
    ['topicBytesMax', 50, 'topic_too_large', publish({ topic: 'x'.repeat(51) })],
    ['topicLevelsMax', 10, 'topic_too_large', subscribe(1, ['a/'.repeat(10), 0])],
    ['filtersPerSubscribeMax', 20, 'too_many_subscriptions', subscribe(1, ...filters(21))],
  ])('past %s are closed, and nobody else is', async (limit, max, reason, packet) => {
    await start({ limits: { [limit]: max } });
    const clients = await storm(40, 40);
    const [greedy, modest] = [clients.slice(0, 30), clients.slice(30)];
    for (const client of greedy) client.send(packet);
    await Promise.all(greedy.map((client) => client.whenClosed()));
    await Promise.all(modest.map((client) => client.ping()));
    expect(await closed(reason)).toBe(30);
  });

  test('past subscriptionsPerSessionMax are refused what is too much, and keep what they have', async () => {
    await start({ limits: { subscriptionsPerSessionMax: 20 } });
    const clients = await storm(30, 30);
    const codes = await Promise.all(clients.map((client) => client.subscribe(...filters(50))));
    const expected = Array.from({ length: 50 }, (_, i) => (i < 20 ? 0 : 0x80));
    expect(codes).toEqual(clients.map(() => expected));
    expect(await metric('surety_subscriptions')).toBe(600);
    expect(await metric('surety_subscriptions_refused_total', 'reason="too_many_subscriptions"')).toBe(900);
  });
});

describe('memory at its limit', () => {
  test('refuses new connections, and leaves those alone that are in; over it, publishers are slowed as well', async () => {
    const reading = { usedBytes: 500, limitBytes: 1000, pressure: 0.5 };
    const use = (usedBytes: number) => Object.assign(reading, { usedBytes, pressure: usedBytes / 1000 });
    const { clock } = await start({}, { read: () => ({ ...reading }) });
    const [subscriber, publisher] = (await storm(2, 2)) as [RawClient, RawClient];
    await subscriber.subscribe(['t', 0]);
    use(1000);
    clock.advance(SECOND);
    await storm(50, 0);
    expect(await closed('memory_full')).toBe(50);
    expect(await metric('surety_memory_used_bytes')).toBe(1000);
    expect(await metric('surety_memory_limit_bytes')).toBe(1000);
    await publisher.publish({ topic: 't', payload: 'still' });
    use(1200);
    clock.advance(SECOND);
    publisher.send(...['1', '2', '3'].map((payload) => publish({ topic: 't', payload })));
    expect((await subscriber.nextPublishes(2)).map(({ payload }) => payload)).toEqual(['still', '1']);
    await subscriber.expectSilence();
    expect(await metric('surety_reading_slowed_total', 'reason="memory"')).toBe(1);
    use(800);
    clock.advance(SECOND);
    expect((await subscriber.nextPublishes(2)).map(({ payload }) => payload)).toEqual(['2', '3']);
    expect(await storm(10, 10)).toHaveLength(10);
  });
});
