import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, testInProcess, unique, useBroker } from '../support/conformance-broker.js';
import { connect, disconnect, frame, pingreq, publish, subscribe } from '../support/packets.js';

const broker = useBroker();

const violations: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['reserved type', Buffer.from('f000', 'hex')],
  ['wrong flags', Buffer.from('c100', 'hex')],
  ['bad length', Buffer.from('c0ffffffff', 'hex')],
  ['second CONNECT', connect({ clientId: 'x' })],
  ['server packet', Buffer.from('d000', 'hex')],
  ['QoS 3', publish({ topic: 'a', qos: 3, packetId: 1 })],
  ['wildcard topic', publish({ topic: '#' })],
  ['bad filter', subscribe(1, ['a#', 0])],
  ['bad UTF-8', publish({ topic: Buffer.from('ff', 'hex') })],
];

describe('a protocol violation', () => {
  test('closes its own connection, and other clients do not notice [MQTT-4.8.0-1]', async () => {
    const topic = unique('t');
    const [subscriber, publisher] = await Promise.all([broker.connect(), broker.connect()]);
    await subscriber.subscribe([topic, 1]);
    await forEachAtOnce(violations, async ([, bytes]) => {
      const client = await broker.connect();
      client.send(bytes);
      await client.expectClosed();
    });
    await publisher.publish({ topic, payload: 'unmoved', qos: 1 });
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'unmoved' });
  });

  test('leaves the session of CleanSession 0 as it was [MQTT-4.8.0-1] [MQTT-3.1.2-4]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    await first.publish({ topic, payload: 'owed', qos: 1 });
    const sent = await first.nextPublish();
    first.send(Buffer.from('f000', 'hex'));
    await first.expectClosed();
    const second = await broker.open();
    second.send(connect({ clientId, cleanSession: false }));
    expect(await second.next()).toEqual({ type: 'connack', sessionPresent: true, returnCode: 0 });
    expect(await second.next()).toEqual({ ...sent, dup: true });
  });

  test('ends the handling of what follows it in the same write [MQTT-4.8.0-1]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    await forEachAtOnce(violations, async ([, bytes]) => {
      const client = await broker.connect();
      client.send(bytes, publish({ topic, payload: 'late' }), pingreq());
      await client.expectClosed();
    });
    await watcher.expectSilence();
  });
});

describe('a client that does not read', () => {
  test('delays no other', async () => {
    const topic = unique('t');
    const [stuck, reader, publisher] = await Promise.all([
      broker.connect(),
      broker.connect(),
      broker.connect(),
    ]);
    await stuck.subscribe([topic, 0]);
    await reader.subscribe([topic, 0]);
    stuck.stopReading();
    const payload = Buffer.alloc(100_000, 'x');
    for (let round = 0; round < 20; round += 1) {
      publisher.send(...Array.from({ length: 10 }, () => publish({ topic, payload })));
      for (let count = 0; count < 10; count += 1)
        expect((await reader.nextFrame()).length).toBeGreaterThan(100_000);
    }
    await publisher.expectSilence();
  });
});

describe('a full buffer', () => {
  const small = useBroker({
    config: { limits: { queueMessagesMax: 2, queuePolicy: 'refuse', packetBytesMax: 2_000 } },
  });

  testInProcess(
    'closes the connection of the PUBLISH that finds no room, unacknowledged [MQTT-4.8.0-2]',
    async () => {
      const topic = unique('t');
      const [absent, other] = [await small.connect({ cleanSession: false }), await small.connect()];
      await absent.subscribe([topic, 1]);
      absent.send(disconnect());
      await absent.expectClosed();
      const publisher = await small.connect();
      for (const payload of ['1', '2']) await publisher.publish({ topic, payload, qos: 1 });
      publisher.send(publish({ topic, payload: '3', qos: 1, packetId: 30 }), pingreq());
      await publisher.expectClosed();
      await other.expectSilence();
    },
  );

  testInProcess(
    "of a session that CleanSession 1 threw away stands in nobody's way [MQTT-3.1.2-6]",
    async () => {
      const [clientId, topic] = [unique('c'), unique('t')];
      const absent = await small.connect({ clientId, cleanSession: false });
      await absent.subscribe([topic, 1]);
      absent.send(disconnect());
      await absent.expectClosed();
      const publisher = await small.connect();
      for (const payload of ['1', '2']) await publisher.publish({ topic, payload, qos: 1 });
      await small.connect({ clientId, cleanSession: true });
      for (const payload of ['3', '4']) await publisher.publish({ topic, payload, qos: 1 });
      await publisher.expectSilence();
    },
  );

  testInProcess(
    'closes the connection of a packet that is too large, as soon as its header is there [MQTT-4.8.0-2]',
    async () => {
      const topic = unique('t');
      const fits = await small.connect();
      const rest = 2_000 - 3 - 2 - topic.length;
      fits.send(publish({ topic, payload: Buffer.alloc(rest) }));
      await fits.expectSilence();
      fits.send(publish({ topic, payload: Buffer.alloc(rest + 1) }));
      await fits.expectClosed();
      await forEachAtOnce(['30d10f', '30ffffff7f', '82ffffff7f'], async (header) => {
        const client = await small.connect();
        client.send(Buffer.from(header, 'hex'));
        await client.expectClosed();
      });
      const unconnected = await small.open();
      unconnected.send(frame(0x10, Buffer.alloc(2_000)).subarray(0, 3));
      await unconnected.expectClosed();
    },
  );
});
