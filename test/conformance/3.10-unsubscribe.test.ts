import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { field, firstByte, frame, puback, pubcomp, pubrec, uint16, unsubscribe } from '../support/packets.js';

const broker = useBroker();

describe('UNSUBSCRIBE is checked', () => {
  test('one without a filter closes the connection [MQTT-3.10.3-2]', async () => {
    const client = await broker.connect();
    client.send(unsubscribe(1));
    await client.expectClosed();
  });

  test('an empty filter closes the connection [MQTT-4.7.3-1] [MQTT-3.10.3-1]', async () => {
    const client = await broker.connect();
    client.send(unsubscribe(1, ''));
    await client.expectClosed();
  });

  test('a gap between filters closes the connection [MQTT-3.10.3-1]', async () => {
    const client = await broker.connect();
    client.send(frame(firstByte.unsubscribe, uint16(1), field('a'), Buffer.from([0]), field('b')));
    await client.expectClosed();
  });

  test.each(['a#', 'a/#/b', 'a+', '+a', '##'])(
    'the malformed filter "%s" closes the connection [MQTT-4.7.1-2] [MQTT-4.7.1-3]',
    async (filter) => {
      const client = await broker.connect();
      client.send(unsubscribe(1, filter));
      await client.expectClosed();
    },
  );
});

describe('UNSUBSCRIBE is answered', () => {
  test('by one UNSUBACK with its id [MQTT-3.10.4-4]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 1]);
    client.send(unsubscribe(815, topic));
    expect(await client.nextFrame()).toEqual(frame(firstByte.unsuback, uint16(815)));
    await client.expectSilence();
  });

  test('even if it matches no subscription [MQTT-3.10.4-5] [MQTT-3.10.4-4]', async () => {
    const client = await broker.connect();
    client.send(unsubscribe(16, unique('t'), 'never/#', '+'));
    expect(await client.next()).toEqual({ type: 'unsuback', packetId: 16 });
    await client.expectSilence();
  });

  test('by one UNSUBACK for several filters, each of which takes effect [MQTT-3.10.4-6]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    await client.subscribe([`${base}/a`, 0], [`${base}/b`, 0], [`${base}/c`, 0]);
    client.send(unsubscribe(17, `${base}/c`, `${base}/none`, `${base}/a`));
    expect(await client.next()).toEqual({ type: 'unsuback', packetId: 17 });
    for (const name of ['a', 'b', 'c']) await client.publish({ topic: `${base}/${name}` });
    expect(await client.nextPublish()).toMatchObject({ topic: `${base}/b` });
    await client.expectSilence();
  });
});

describe('UNSUBSCRIBE', () => {
  test.each(['a', 'a/+', 'a/#', '+/b', '#'])(
    'ends the subscription with the same text "%s" [MQTT-3.10.4-1] [MQTT-3.10.4-2]',
    async (tail) => {
      const base = unique('t');
      const client = await broker.connect();
      await client.subscribe([`${base}/${tail}`, 2]);
      await client.publish({ topic: `${base}/a`, qos: 1 });
      await client.publish({ topic: `${base}/a/b`, qos: 1 });
      client.send(unsubscribe(100, `${base}/${tail}`));
      expect(await client.take('unsuback')).toMatchObject({ packetId: 100 });
      const before = client.takeAll();
      expect(before.length).toBeGreaterThan(0);
      await client.publish({ topic: `${base}/a`, qos: 1 });
      await client.publish({ topic: `${base}/a/b`, qos: 1 });
      await client.expectSilence();
    },
  );

  test.each([
    ['a/+', 'a/b'],
    ['a/b', 'a/+'],
    ['a/b', 'a/#'],
    ['a/b', '#'],
    ['a/b', 'A/b'],
    ['a/b', 'a/b/'],
    ['a/b', '/a/b'],
    ['#', 'a/b'],
    ['\u00e9/b', 'e\u0301/b'],
  ])(
    'compares text, not meaning: "%s" stays when "%s" is taken away [MQTT-3.10.4-1]',
    async (kept, removed) => {
      const base = unique('t');
      const client = await broker.connect();
      await client.subscribe([`${base}/${kept}`, 0]);
      client.send(unsubscribe(5, `${base}/${removed}`));
      await client.take('unsuback');
      const topic = `${base}/${kept.replace('+', 'b').replace('#', 'a/b')}`;
      await client.publish({ topic });
      expect(await client.nextPublish()).toMatchObject({ topic });
    },
  );

  test('leaves the other subscriptions that match the same topic [MQTT-3.10.4-1]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    await client.subscribe([`${base}/a`, 2], [`${base}/+`, 1]);
    client.send(unsubscribe(5, `${base}/a`));
    await client.take('unsuback');
    await client.publish({ topic: `${base}/a`, qos: 2 });
    expect(await client.nextPublish()).toMatchObject({ qos: 1 });
  });

  test('ends it for this client only', async () => {
    const topic = unique('t');
    const [client, other] = await Promise.all([broker.connect(), broker.connect()]);
    for (const each of [client, other]) await each.subscribe([topic, 0]);
    client.send(unsubscribe(5, topic));
    await client.take('unsuback');
    await client.publish({ topic, payload: 'x' });
    expect(await other.nextPublish()).toMatchObject({ payload: 'x' });
    await client.expectSilence();
  });

  test('in a stored session lasts beyond the connection [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-4.1.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    first.send(unsubscribe(5, topic));
    await first.take('unsuback');
    first.destroy();
    await (await broker.connect()).publish({ topic, qos: 1 });
    const second = await broker.connect({ clientId, cleanSession: false });
    await second.publish({ topic, qos: 1 });
    await second.expectSilence();
  });

  test('touches no retained message', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.publish({ topic, payload: 'kept', retain: true });
    await client.subscribe([topic, 0]);
    await client.nextPublish();
    client.send(unsubscribe(5, topic));
    await client.take('unsuback');
    await client.subscribe([topic, 0]);
    expect(await client.nextPublish()).toMatchObject({ payload: 'kept', retain: true });
  });

  test('a QoS 1 delivery that has begun is carried to its end: made again until its PUBACK [MQTT-3.10.4-3]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    await first.publish({ topic, payload: 'begun', qos: 1 });
    const sent = await first.nextPublish();
    first.send(unsubscribe(5, topic));
    await first.take('unsuback');
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toEqual({ ...sent, dup: true });
    second.send(puback(sent.packetId));
    await second.expectSilence();
    second.destroy();
    const third = await broker.connect({ clientId, cleanSession: false });
    await third.expectSilence();
  });

  test('a QoS 2 delivery that has begun is carried to its end, at each of its steps [MQTT-3.10.4-3]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 2]);
    await client.publish({ topic, payload: 'at PUBLISH', qos: 2 });
    await client.publish({ topic, payload: 'at PUBREL', qos: 2 });
    const [atPublish, atPubrel] = await client.nextPublishes(2);
    client.send(pubrec(atPubrel!.packetId));
    expect(await client.next()).toEqual({ type: 'pubrel', packetId: atPubrel!.packetId });
    client.send(unsubscribe(5, topic));
    await client.take('unsuback');
    client.send(pubcomp(atPubrel!.packetId), pubrec(atPublish!.packetId));
    expect(await client.next()).toEqual({ type: 'pubrel', packetId: atPublish!.packetId });
    client.send(pubcomp(atPublish!.packetId));
    await client.expectSilence();
  });
});
