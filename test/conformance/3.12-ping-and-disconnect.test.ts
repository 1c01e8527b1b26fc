import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { connect, disconnect, pingreq, publish, subscribe } from '../support/packets.js';

const broker = useBroker();

describe('PINGREQ', () => {
  test.each([0, 1, 60, 65_535])(
    'is answered with PINGRESP, keep alive %i [MQTT-3.12.4-1]',
    async (keepAlive) => {
      const client = await broker.connect({ keepAlive });
      client.send(pingreq());
      expect((await client.nextFrame()).toString('hex')).toBe('d000');
    },
  );

  test('is answered once each, in order with the rest [MQTT-3.12.4-1]', async () => {
    const client = await broker.connect();
    client.send(pingreq(), publish({ topic: unique('t'), qos: 1, packetId: 1 }), pingreq(), pingreq());
    const types = [await client.next(), await client.next(), await client.next(), await client.next()];
    expect(types.map(({ type }) => type)).toContain('puback');
    expect(types.filter(({ type }) => type === 'pingresp')).toHaveLength(3);
    await client.expectSilence();
  });
});

describe('DISCONNECT', () => {
  test('is followed by a close and by nothing else', async () => {
    const client = await broker.connect();
    client.send(disconnect());
    await client.expectClosed();
  });

  test('makes the broker drop the will [MQTT-3.14.4-3]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const [clientId, will] = [unique('c'), { topic, payload: 'will', qos: 2, retain: true }];
    const client = await broker.connect({ clientId, will });
    client.send(disconnect());
    await client.expectClosed();
    // A new connection of the id comes after the old one's end, whatever that end set off.
    await broker.connect({ clientId });
    await watcher.expectSilence();
    await watcher.subscribe([topic, 0]);
    await watcher.expectSilence();
  });

  test('makes the broker ignore what follows it', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.connect();
    client.send(
      disconnect(),
      publish({ topic, payload: 'late' }),
      publish({ topic, payload: 'late', qos: 1, packetId: 1 }),
      subscribe(1, [topic, 0]),
      pingreq(),
    );
    await client.expectClosed();
    await watcher.expectSilence();
  });

  test.each([1, 2, 4, 8, 15])(
    'with flags %i is checked: the client is disconnected and its will published [MQTT-3.14.1-1]',
    async (flags) => {
      const topic = unique('t');
      const watcher = await broker.connect();
      await watcher.subscribe([topic, 0]);
      const client = await broker.connect({ will: { topic, payload: 'will' } });
      client.send(Buffer.from([0xe0 | flags, 0]));
      await client.expectClosed();
      expect(await watcher.nextPublish()).toMatchObject({ payload: 'will' });
    },
  );

  test('ends a session of CleanSession 1 [MQTT-3.1.2-6]', async () => {
    const clientId = unique('c');
    const client = await broker.connect({ clientId, cleanSession: true });
    client.send(disconnect());
    await client.expectClosed();
    const next = await broker.open();
    next.send(connect({ clientId, cleanSession: false }));
    expect(await next.next()).toEqual({ type: 'connack', sessionPresent: false, returnCode: 0 });
  });

  test('leaves a session of CleanSession 0 [MQTT-3.1.2-4]', async () => {
    const clientId = unique('c');
    const client = await broker.connect({ clientId, cleanSession: false });
    client.send(disconnect());
    await client.expectClosed();
    const next = await broker.open();
    next.send(connect({ clientId, cleanSession: false }));
    expect(await next.next()).toEqual({ type: 'connack', sessionPresent: true, returnCode: 0 });
  });
});
