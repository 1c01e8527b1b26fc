import { afterEach, describe, expect, test } from '@jest/globals';
import { DurableBroker, takeAndAcknowledge } from '../../support/durable-broker.js';
import { freePort } from '../../support/free-port.js';
import { ManualClock } from '../../support/manual-clock.js';
import { publish } from '../../support/packets.js';
import { waitUntil } from '../../support/wait-until.js';

let broker: DurableBroker;
afterEach(() => broker.end());

const metric = async (port: number, line: string): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const found = (await response.text()).split('\n').find((each) => each.startsWith(line));
  return Number(found?.split(' ').at(-1));
};

describe('a session that expires', () => {
  test('counts its time over restarts, and leaves nothing behind', async () => {
    const config = { session: { expirySeconds: 100 } };
    const clock = new ManualClock();
    broker = await DurableBroker.start({ config, clock });
    await broker.leaveSubscription('early', 'q');
    clock.advance(50_000);
    await broker.leaveSubscription('late', 'q');
    const publisher = await broker.connectPublisher();
    await publisher.publish({ topic: 'q', payload: 'm', qos: 1 });
    await broker.restart();
    clock.advance(40_000);
    await broker.restart();
    expect((await broker.sql`select client_id from surety.session`).length).toBe(2);
    clock.advance(20_000);
    await broker.restart();
    expect([...(await broker.sql`select client_id from surety.session`)]).toEqual([{ client_id: 'late' }]);
    expect([await broker.count('delivery'), await broker.count('message')]).toEqual([1, 1]);
    expect((await broker.connect({ clientId: 'early' })).sessionPresent).toBe(false);
    const { client, sessionPresent } = await broker.connect({ clientId: 'late' });
    expect(sessionPresent).toBe(true);
    expect(await takeAndAcknowledge(client, 1)).toMatchObject([{ payload: 'm' }]);
  }, 30_000);
});

describe('a queue limit', () => {
  test('of an offline session drops the oldest, counts them, and holds over a restart', async () => {
    const port = await freePort();
    const metrics = { enabled: true, port };
    const config = { metrics, limits: { queueMessagesMax: 100, queuePolicy: 'dropOldest' as const } };
    broker = await DurableBroker.start({ config });
    await broker.leaveSubscription('s', 'q', 1);
    const flood = async (from: number, through: number): Promise<void> => {
      const publisher = await broker.connectPublisher();
      for (let i = from; i <= through; i += 1)
        publisher.send(publish({ topic: 'q', payload: `m${i}`, qos: 1, packetId: i }));
      for (let i = from; i <= through; i += 1) await publisher.take('puback');
    };
    const dropped = (): Promise<number> => metric(port, 'surety_messages_dropped_total{reason="queue_full"}');
    await flood(1, 2250);
    expect(await dropped()).toBe(2150);
    await broker.restart();
    expect(await broker.count('delivery')).toBe(100);
    await flood(2251, 2260);
    // Of what gave way is told when it is removed.
    await waitUntil(async () => (await dropped()) === 10, 'the count of what was dropped');
    const { client } = await broker.connect({ clientId: 's' });
    const taken = await takeAndAcknowledge(client, 100);
    expect(taken.map(({ payload }) => payload)).toEqual(
      Array.from({ length: 100 }, (_, i) => `m${2161 + i}`),
    );
    await client.expectSilence();
  });
});

describe('a message to many offline sessions', () => {
  test('is stored once, and reaches each of them after a crash', async () => {
    broker = await DurableBroker.start();
    const names = Array.from({ length: 1000 }, (_, i) => `s${i}`);
    for (let i = 0; i < names.length; i += 100)
      await Promise.all(names.slice(i, i + 100).map((name) => broker.leaveSubscription(name, 'all', 1)));
    const publisher = await broker.connectPublisher();
    await publisher.publish({ topic: 'all', payload: 'to everybody', qos: 1 });
    const counts = async (): Promise<number[]> => [
      await broker.count('message'),
      await broker.count('delivery'),
    ];
    expect(await counts()).toEqual([1, 1000]);
    await broker.crash();
    for (let i = 0; i < names.length; i += 100) {
      const some = names.slice(i, i + 100);
      await Promise.all(
        some.map(async (clientId) => {
          const { client } = await broker.connect({ clientId });
          expect(await takeAndAcknowledge(client, 1)).toMatchObject([{ payload: 'to everybody' }]);
          await client.ping();
        }),
      );
    }
    await broker.restart();
    expect(await counts()).toEqual([0, 0]);
  }, 60_000);
});
