import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { puback, pubcomp, publish, pubrec, pubrel } from '../support/packets.js';
import type { RawClient } from '../support/raw-client.js';

const broker = useBroker();

/** A client subscribed to a topic of its own at the QoS given, and a publisher. */
const pair = async (qos: number): Promise<{ subscriber: RawClient; publisher: RawClient; topic: string }> => {
  const topic = unique('t');
  const [subscriber, publisher] = await Promise.all([broker.connect(), broker.connect()]);
  await subscriber.subscribe([topic, qos]);
  return { subscriber, publisher, topic };
};

describe('QoS 0', () => {
  test('the broker sends it once, at QoS 0 and DUP 0, and expects no answer [MQTT-4.3.1-1]', async () => {
    const { subscriber, publisher, topic } = await pair(0);
    for (const qos of [0, 1, 2]) {
      await publisher.publish({ topic, payload: `${qos}`, qos });
      expect(await subscriber.nextFrame()).toEqual(publish({ topic, payload: `${qos}` }));
    }
    await subscriber.expectSilence();
  });
});

describe('QoS 1, the broker as receiver', () => {
  test('answers PUBACK with the same id, and passes the message on [MQTT-4.3.2-2]', async () => {
    const { subscriber, publisher, topic } = await pair(1);
    publisher.send(publish({ topic, payload: 'x', qos: 1, packetId: 300 }));
    expect(await publisher.next()).toEqual({ type: 'puback', packetId: 300 });
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'x', qos: 1 });
  });

  test.each([false, true])(
    'takes the id after its PUBACK for a new message, DUP %s [MQTT-4.3.2-2]',
    async (dup) => {
      const { subscriber, publisher, topic } = await pair(1);
      for (const payload of ['one', 'two', 'two']) {
        publisher.send(publish({ topic, payload, qos: 1, packetId: 7, dup }));
        expect(await publisher.next()).toEqual({ type: 'puback', packetId: 7 });
        expect(await subscriber.nextPublish()).toMatchObject({ payload, dup: false });
      }
    },
  );
});

describe('QoS 1, the broker as sender', () => {
  test('uses a fresh id and DUP 0 for each new message [MQTT-4.3.2-1]', async () => {
    const { subscriber, publisher, topic } = await pair(1);
    for (let count = 0; count < 5; count += 1) await publisher.publish({ topic, qos: 1 });
    const messages = await subscriber.nextPublishes(5);
    expect(messages.every(({ dup, qos }) => !dup && qos === 1)).toBe(true);
    expect(new Set(messages.map(({ packetId }) => packetId)).size).toBe(5);
  });

  test('does not send again on a live connection, however long the PUBACK takes [MQTT-4.3.2-1]', async () => {
    const { subscriber, publisher, topic } = await pair(1);
    await publisher.publish({ topic, payload: 'x', qos: 1 });
    const { packetId } = await subscriber.nextPublish();
    await publisher.publish({ topic, payload: 'y', qos: 1 });
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'y' });
    await subscriber.expectSilence();
    subscriber.send(puback(packetId));
    await subscriber.expectSilence();
  });

  test('holds a message until its PUBACK, and not after it [MQTT-4.3.2-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    await first.publish({ topic, payload: 'acknowledged', qos: 1 });
    await first.publish({ topic, payload: 'held', qos: 1 });
    const [acknowledged, held] = await first.nextPublishes(2);
    first.send(puback(acknowledged!.packetId));
    await first.ping();
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toEqual({ ...held, dup: true });
    await second.expectSilence();
  });

  test('is settled by a PUBACK only: PUBREC and PUBCOMP of that id do not end it [MQTT-4.3.2-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    await first.publish({ topic, payload: 'held', qos: 1 });
    const held = await first.nextPublish();
    first.send(pubrec(held.packetId), pubcomp(held.packetId));
    await first.ping().catch(() => undefined);
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toEqual({ ...held, dup: true });
  });
});

describe('QoS 2, the broker as receiver', () => {
  test('answers PUBREC, then PUBCOMP, and delivers once [MQTT-4.3.3-2]', async () => {
    const { subscriber, publisher, topic } = await pair(0);
    publisher.send(publish({ topic, payload: 'x', qos: 2, packetId: 50 }));
    expect(await publisher.next()).toEqual({ type: 'pubrec', packetId: 50 });
    publisher.send(pubrel(50));
    expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 50 });
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'x' });
    await subscriber.expectSilence();
  });

  test.each([true, false])(
    'answers repeats before PUBREL with PUBREC again and delivers once, DUP %s [MQTT-4.3.3-2]',
    async (dup) => {
      const { subscriber, publisher, topic } = await pair(0);
      publisher.send(publish({ topic, payload: 'x', qos: 2, packetId: 51 }));
      expect(await publisher.next()).toEqual({ type: 'pubrec', packetId: 51 });
      for (let count = 0; count < 3; count += 1) {
        publisher.send(publish({ topic, payload: 'x', qos: 2, packetId: 51, dup }));
        expect(await publisher.next()).toEqual({ type: 'pubrec', packetId: 51 });
      }
      publisher.send(pubrel(51));
      expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 51 });
      expect(await subscriber.nextPublish()).toMatchObject({ payload: 'x' });
      await subscriber.expectSilence();
    },
  );

  test.each([true, false])(
    'takes the id after PUBCOMP for a new message, DUP %s [MQTT-4.3.3-2]',
    async (dup) => {
      const { subscriber, publisher, topic } = await pair(0);
      for (const payload of ['one', 'two', 'two']) {
        publisher.send(publish({ topic, payload, qos: 2, packetId: 52, dup }), pubrel(52));
        expect(await publisher.next()).toEqual({ type: 'pubrec', packetId: 52 });
        expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 52 });
        expect(await subscriber.nextPublish()).toMatchObject({ payload });
      }
      await subscriber.expectSilence();
    },
  );

  test('answers PUBREL of an unknown id, and a repeated one, with PUBCOMP [MQTT-4.3.3-2]', async () => {
    const { subscriber, publisher, topic } = await pair(0);
    publisher.send(pubrel(999));
    expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 999 });
    await publisher.publish({ topic, payload: 'x', qos: 2 });
    publisher.send(pubrel(1), pubrel(1));
    expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 1 });
    expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId: 1 });
    await subscriber.nextPublish();
    await subscriber.expectSilence();
  });

  test('tells ids apart that are in flight together [MQTT-4.3.3-2]', async () => {
    const { subscriber, publisher, topic } = await pair(0);
    const ids = [5, 1, 65_535, 300];
    publisher.send(...ids.map((packetId) => publish({ topic, payload: `${packetId}`, qos: 2, packetId })));
    for (const packetId of ids) expect(await publisher.next()).toEqual({ type: 'pubrec', packetId });
    publisher.send(
      ...ids.map((packetId) => publish({ topic, payload: `${packetId}`, qos: 2, packetId, dup: true })),
    );
    for (const packetId of ids) expect(await publisher.next()).toEqual({ type: 'pubrec', packetId });
    publisher.send(...ids.map(pubrel));
    for (const packetId of ids) expect(await publisher.next()).toEqual({ type: 'pubcomp', packetId });
    const payloads = (await subscriber.nextPublishes(4)).map(({ payload }) => payload);
    expect(payloads).toEqual(ids.map(String));
    await subscriber.expectSilence();
  });

  test('keeps the ids of QoS 1 and QoS 2 messages apart from one client to the next [MQTT-4.3.3-2]', async () => {
    const topic = unique('t');
    const [watcher, one, other] = await Promise.all([broker.connect(), broker.connect(), broker.connect()]);
    await watcher.subscribe([topic, 0]);
    for (const [client, payload] of [
      [one, 'one'],
      [other, 'other'],
    ] as const) {
      client.send(publish({ topic, payload, qos: 2, packetId: 3 }));
      expect(await client.next()).toEqual({ type: 'pubrec', packetId: 3 });
    }
    for (const client of [one, other]) {
      client.send(pubrel(3));
      expect(await client.next()).toEqual({ type: 'pubcomp', packetId: 3 });
    }
    const payloads = (await watcher.nextPublishes(2)).map(({ payload }) => payload);
    expect(payloads.sort()).toEqual(['one', 'other']);
  });
});

describe('QoS 2, the broker as sender', () => {
  test('sends PUBLISH with a fresh id and DUP 0, PUBREL of that id after PUBREC, and is done with PUBCOMP [MQTT-4.3.3-1]', async () => {
    const { subscriber, publisher, topic } = await pair(2);
    await publisher.publish({ topic, payload: 'x', qos: 2 });
    const { packetId, dup, qos } = await subscriber.nextPublish();
    expect({ dup, qos }).toEqual({ dup: false, qos: 2 });
    await subscriber.expectSilence();
    subscriber.send(pubrec(packetId));
    expect(await subscriber.next()).toEqual({ type: 'pubrel', packetId });
    await subscriber.expectSilence();
    subscriber.send(pubcomp(packetId));
    await subscriber.expectSilence();
  });

  test('answers a repeated PUBREC with PUBREL again [MQTT-4.3.3-1]', async () => {
    const { subscriber, publisher, topic } = await pair(2);
    await publisher.publish({ topic, qos: 2 });
    const { packetId } = await subscriber.nextPublish();
    subscriber.send(pubrec(packetId), pubrec(packetId));
    expect(await subscriber.next()).toEqual({ type: 'pubrel', packetId });
    expect(await subscriber.next()).toEqual({ type: 'pubrel', packetId });
    subscriber.send(pubcomp(packetId));
    await subscriber.expectSilence();
  });

  test('never sends the PUBLISH again after its PUBREL, only the PUBREL [MQTT-4.3.3-1] [MQTT-4.4.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload: 'x', qos: 2 });
    const { packetId } = await first.nextPublish();
    first.send(pubrec(packetId));
    expect(await first.next()).toEqual({ type: 'pubrel', packetId });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.next()).toEqual({ type: 'pubrel', packetId });
    await second.expectSilence();
    second.send(pubcomp(packetId));
    await second.expectSilence();
    second.destroy();
    const third = await broker.connect({ clientId, cleanSession: false });
    await third.expectSilence();
  });

  test('is not settled by PUBACK, nor by PUBCOMP before PUBREC [MQTT-4.3.3-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload: 'held', qos: 2 });
    const held = await first.nextPublish();
    first.send(puback(held.packetId), pubcomp(held.packetId));
    await first.ping().catch(() => undefined);
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toEqual({ ...held, dup: true });
  });
});

describe('acknowledgements of unknown ids', () => {
  test.each([
    ['PUBACK', puback],
    ['PUBREC', pubrec],
    ['PUBCOMP', pubcomp],
  ])('%s is ignored and the connection stays', async (_, build) => {
    const client = await broker.connect();
    client.send(build(1), build(65_535));
    await client.expectSilence();
  });
});
