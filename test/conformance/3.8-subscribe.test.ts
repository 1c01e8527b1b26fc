import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { field, firstByte, frame, pingreq, publish, subscribe, uint16 } from '../support/packets.js';

const broker = useBroker();

const levels = [0, 1, 2] as const;
const pairs = levels.flatMap((sent) => levels.map((granted) => [sent, granted] as const));

describe('SUBSCRIBE is checked', () => {
  test('one without a filter closes the connection [MQTT-3.8.3-3]', async () => {
    const client = await broker.connect();
    client.send(subscribe(1));
    await client.expectClosed();
  });

  test.each([0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x81, 0xfc, 0xff])(
    'a requested QoS byte of %i closes the connection [MQTT-3.8.3-4]',
    async (qos) => {
      for (const requests of [
        [['a', qos]],
        [
          ['a', 0],
          ['b', qos],
        ],
        [
          ['a', qos],
          ['b', 0],
        ],
      ] as const) {
        const client = await broker.connect();
        client.send(subscribe(1, ...requests));
        await client.expectClosed();
      }
    },
  );

  test('an empty filter closes the connection [MQTT-4.7.3-1] [MQTT-3.8.3-1]', async () => {
    const client = await broker.connect();
    client.send(subscribe(1, ['', 0]));
    await client.expectClosed();
  });

  test('a filter without its length closes the connection [MQTT-3.8.3-1]', async () => {
    const client = await broker.connect();
    client.send(frame(firstByte.subscribe, uint16(1), Buffer.from([0])));
    await client.expectClosed();
  });

  test('none of its filters takes effect when one of them is malformed', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    first.send(subscribe(1, [topic, 1], ['a/#/b', 1]));
    await first.expectClosed();
    const second = await broker.connect({ clientId, cleanSession: false });
    await second.publish({ topic, qos: 1 });
    await second.expectSilence();
  });
});

describe('SUBSCRIBE is answered', () => {
  test('by one SUBACK with its id [MQTT-3.8.4-1] [MQTT-3.8.4-2]', async () => {
    const client = await broker.connect();
    client.send(subscribe(4711, [unique('t'), 1]));
    expect(await client.next()).toEqual({ type: 'suback', packetId: 4711, returnCodes: [1] });
    await client.expectSilence();
  });

  test('by the granted QoS of each filter, in their order [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    const qos = [2, 0, 1, 1, 0, 2, 2, 1, 0, 0];
    const codes = await client.subscribe(...qos.map((each, index) => [`${base}/${index}`, each] as const));
    expect(codes).toEqual(qos);
  });

  test('by two return codes for the same filter twice, of which the last stands [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    expect(await client.subscribe([topic, 2], [topic, 0])).toEqual([2, 0]);
    await client.publish({ topic, qos: 2 });
    expect(await client.nextPublish()).toMatchObject({ qos: 0 });
    await client.expectSilence();
  });

  test('by one SUBACK for several filters, each of which takes effect [MQTT-3.8.4-4]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    client.send(subscribe(9, [`${base}/a`, 0], [`${base}/b`, 1], [`${base}/c`, 2]));
    expect(await client.next()).toEqual({ type: 'suback', packetId: 9, returnCodes: [0, 1, 2] });
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      await client.publish({ topic: `${base}/${name}`, qos: 2 });
      const message = await client.nextPublish();
      expect(message).toMatchObject({ topic: `${base}/${name}`, qos: index });
      await client.acknowledge(message);
    }
    await client.expectSilence();
  });

  test.each(['#', '+', '+/+', '/#', 'a/+/b/#', '$SYS/#'])(
    'by a grant for "%s": wildcards are supported, so none is refused for them [MQTT-3.8.3-2]',
    async (filter) => {
      const client = await broker.connect();
      for (const qos of levels) expect(await client.subscribe([filter, qos])).toEqual([qos]);
    },
  );

  test('in the order of the requests, when they come in one write [MQTT-3.8.4-1]', async () => {
    const client = await broker.connect();
    client.send(subscribe(3, ['a', 0]), subscribe(2, ['b', 1]), subscribe(1, ['c', 2]), pingreq());
    expect(await client.take('suback')).toMatchObject({ packetId: 3, returnCodes: [0] });
    expect(await client.take('suback')).toMatchObject({ packetId: 2, returnCodes: [1] });
    expect(await client.take('suback')).toMatchObject({ packetId: 1, returnCodes: [2] });
  });
});

describe('messages of a subscription', () => {
  test.each(pairs)(
    'published at QoS %i to a grant of %i go out at the lower of both [MQTT-3.8.4-6]',
    async (sent, granted) => {
      const topic = unique('t');
      const subscriber = await broker.connect();
      const publisher = await broker.connect();
      await subscriber.subscribe([topic, granted]);
      await publisher.publish({ topic, payload: 'x', qos: sent });
      const message = await subscriber.nextPublish();
      expect(message).toMatchObject({
        topic,
        payload: 'x',
        qos: Math.min(sent, granted),
        dup: false,
        retain: false,
      });
      await subscriber.acknowledge(message);
      await subscriber.expectSilence();
    },
  );

  test('come from the moment of the SUBACK on', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await publisher.publish({ topic, payload: 'early', qos: 1 });
    await subscriber.subscribe([topic, 1]);
    await publisher.publish({ topic, payload: 'late', qos: 1 });
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'late' });
  });

  test('reach hundreds of subscribers, each once [MQTT-4.5.0-1]', async () => {
    const topic = unique('t');
    const clients = await Promise.all(Array.from({ length: 200 }, () => broker.connect()));
    await Promise.all(clients.map((client, index) => client.subscribe([topic, index % 3])));
    await clients[0]!.publish({ topic, payload: 'all', qos: 2 });
    await Promise.all(
      clients.map(async (client, index) => {
        expect(await client.take('publish')).toMatchObject({ payload: 'all', qos: index % 3 });
        await client.expectSilence();
      }),
    );
  });
});

describe('the same filter again', () => {
  test.each(pairs)('replaces the subscription: QoS %i becomes %i [MQTT-3.8.4-3]', async (before, after) => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, before]);
    expect(await client.subscribe([topic, after])).toEqual([after]);
    await client.publish({ topic, qos: 2 });
    const message = await client.nextPublish();
    expect(message).toMatchObject({ qos: after });
    await client.acknowledge(message);
    await client.expectSilence();
  });

  test('does not interrupt live messages [MQTT-3.8.4-3]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 1]);
    const count = 300;
    for (let index = 0; index < count; index += 1) {
      publisher.send(publish({ topic, payload: `${index}`, qos: 1, packetId: index + 1 }));
      if (index % 30 === 0) subscriber.send(subscribe(index + 1000, [topic, 1]));
      if (index % 10 === 0) await new Promise(setImmediate);
    }
    const seen: number[] = [];
    while (seen.length < count) {
      const message = await subscriber.take('publish');
      await subscriber.acknowledge(message);
      seen.push(Number(message.payload));
    }
    expect(seen).toEqual([...Array(count).keys()]);
    for (let index = 0; index < count; index += 30) await subscriber.take('suback');
    await subscriber.expectSilence();
  });

  test('replaces it in a stored session too [MQTT-3.8.4-3] [MQTT-3.1.2-4]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 0]);
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    await second.subscribe([topic, 2]);
    await second.publish({ topic, qos: 2 });
    expect(await second.nextPublish()).toMatchObject({ qos: 2 });
  });

  test('is another filter when it differs in one character only [MQTT-3.8.4-3]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    await client.subscribe([`${base}/a`, 2]);
    await client.subscribe([`${base}/a/`, 0], [`${base}/A`, 0], [`/${base}/a`, 0]);
    await client.publish({ topic: `${base}/a`, qos: 2 });
    expect(await client.nextPublish()).toMatchObject({ qos: 2 });
  });
});

describe('a filter that begins with $share', () => {
  test('is an ordinary filter in MQTT 3.1.1 [MQTT-7.0.0-2]', async () => {
    const topic = unique('t');
    const clients = await Promise.all([broker.connect(), broker.connect()]);
    for (const client of clients) await client.subscribe([`$share/group/${topic}`, 0]);
    const publisher = await broker.connect();
    await publisher.publish({ topic });
    for (const client of clients) await client.expectSilence();
    const frameBytes = frame(firstByte.publish, field(`$share/group/${topic}`), Buffer.from('x'));
    publisher.send(frameBytes);
    for (const client of clients) expect(await client.nextFrame()).toEqual(frameBytes);
  });
});
