import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { disconnect, puback, publish, pubrec, pubrel } from '../support/packets.js';
import type { ReceivedPublish } from '../support/server-packets.js';

const broker = useBroker();

const numbers = (count: number): number[] => [...Array(count).keys()];

describe('order of delivery', () => {
  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [2, 1],
    [1, 0],
  ])(
    'QoS %i messages of one client and topic arrive in the order of their sending, granted %i [MQTT-4.6.0-5] [MQTT-4.6.0-6]',
    async (sent, granted) => {
      const topic = unique('t');
      const subscriber = await broker.connect();
      const publisher = await broker.connect();
      await subscriber.subscribe([topic, granted]);
      const count = 500;
      const messages = numbers(count).map((index) =>
        publish({ topic, payload: `${index}`, qos: sent, ...(sent > 0 ? { packetId: index + 1 } : {}) }),
      );
      publisher.send(...messages);
      const seen: number[] = [];
      while (seen.length < count) {
        const message = await subscriber.take('publish');
        await subscriber.acknowledge(message);
        seen.push(Number(message.payload));
      }
      expect(seen).toEqual(numbers(count));
    },
  );

  test('it holds for any topic by default: none is set apart [MQTT-4.6.0-5]', async () => {
    const base = unique('t');
    const subscriber = await broker.connect();
    await subscriber.subscribe([`${base}/#`, 1], [`/${base}/+`, 1]);
    const publisher = await broker.connect();
    const topics = [base, `${base}/`, `${base}/a`, `${base}/a/b`, `/${base}/x`];
    for (const index of numbers(10)) {
      publisher.send(
        ...topics.map((topic, which) =>
          publish({ topic, payload: `${index}`, qos: 1, packetId: index * 10 + which + 1 }),
        ),
      );
    }
    const messages: ReceivedPublish[] = [];
    while (messages.length < 50) {
      const message = await subscriber.nextPublish();
      await subscriber.acknowledge(message);
      messages.push(message);
    }
    for (const topic of topics) {
      const seen = messages
        .filter((message) => message.topic === topic)
        .map(({ payload }) => Number(payload));
      expect(seen).toEqual(numbers(10));
    }
  });

  test('it holds for a message that waited and one that came live [MQTT-4.6.0-6]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const publisher = await broker.connect();
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    first.send(disconnect());
    await first.expectClosed();
    for (const index of numbers(50)) await publisher.publish({ topic, payload: `${index}`, qos: 1 });
    const second = await broker.connect({ clientId, cleanSession: false });
    publisher.send(
      ...numbers(50).map((index) =>
        publish({ topic, payload: `${index + 50}`, qos: 1, packetId: index + 1 }),
      ),
    );
    const seen: number[] = [];
    while (seen.length < 100) {
      const message = await second.nextPublish();
      second.send(puback(message.packetId));
      seen.push(Number(message.payload));
    }
    expect(seen).toEqual(numbers(100));
  });
});

describe('order of what is sent again', () => {
  test('PUBLISH packets go out in the order of the first time [MQTT-4.6.0-1] [MQTT-4.6.0-6] [MQTT-4.4.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const publisher = await broker.connect();
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    for (const index of numbers(12))
      await publisher.publish({ topic, payload: `${index}`, qos: 1 + (index % 2) });
    const sent = await first.nextPublishes(12);
    // Acknowledged out of order, so that gaps are left.
    for (const index of [8, 2, 4]) first.send(puback(sent[index]!.packetId));
    await first.ping();
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    const again = await second.nextPublishes(9);
    expect(again).toEqual(
      sent.filter((_, index) => ![8, 2, 4].includes(index)).map((message) => ({ ...message, dup: true })),
    );
    await second.expectSilence();
  });

  test('messages that never went out follow the ones sent again [MQTT-4.6.0-1] [MQTT-4.6.0-6]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const publisher = await broker.connect();
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    for (const index of numbers(3)) await publisher.publish({ topic, payload: `${index}`, qos: 1 });
    await first.nextPublishes(3);
    first.send(disconnect());
    await first.expectClosed();
    for (const index of numbers(3)) await publisher.publish({ topic, payload: `${index + 3}`, qos: 1 });
    const second = await broker.connect({ clientId, cleanSession: false });
    const again = await second.nextPublishes(6);
    expect(again.map(({ payload, dup }) => [payload, dup])).toEqual([
      ['0', true],
      ['1', true],
      ['2', true],
      ['3', false],
      ['4', false],
      ['5', false],
    ]);
  });
});

describe('order of acknowledgements', () => {
  test('PUBACKs follow the order of the QoS 1 PUBLISH packets [MQTT-4.6.0-2] [MQTT-4.6.0-6]', async () => {
    const client = await broker.connect();
    const topic = unique('t');
    await client.subscribe([`${topic}/some`, 0]);
    const ids = numbers(100).map((index) => ((index * 37) % 100) + 1);
    client.send(
      ...ids.map((packetId, index) =>
        publish({ topic: index % 3 === 0 ? `${topic}/some` : topic, qos: 1, packetId }),
      ),
    );
    for (const packetId of ids) expect(await client.take('puback')).toEqual({ type: 'puback', packetId });
  });

  test('PUBRECs follow the order of the QoS 2 PUBLISH packets [MQTT-4.6.0-3] [MQTT-4.6.0-6]', async () => {
    const client = await broker.connect();
    const topic = unique('t');
    const ids = numbers(100).map((index) => ((index * 37) % 100) + 1);
    client.send(...ids.map((packetId) => publish({ topic, qos: 2, packetId })));
    for (const packetId of ids) expect(await client.next()).toEqual({ type: 'pubrec', packetId });
    client.send(...ids.map(pubrel));
    for (const packetId of ids) expect(await client.next()).toEqual({ type: 'pubcomp', packetId });
  });

  test('PUBACK and PUBREC keep their order when a durable session and nobody are the receivers by turns [MQTT-4.6.0-2] [MQTT-4.6.0-3]', async () => {
    const topic = unique('t');
    const durable = await broker.connect({ cleanSession: false });
    await durable.subscribe([topic, 2]);
    const client = await broker.connect();
    const ids = numbers(60).map((index) => index + 1);
    const qosOf = (id: number): number => 1 + (id % 2);
    client.send(
      ...ids.map((packetId) =>
        publish({ topic: packetId % 3 === 0 ? topic : `${topic}/none`, qos: qosOf(packetId), packetId }),
      ),
    );
    const answers = [];
    for (let count = 0; count < ids.length; count += 1) answers.push(await client.next());
    for (const qos of [1, 2]) {
      const type = qos === 1 ? 'puback' : 'pubrec';
      expect(answers.filter((answer) => answer.type === type)).toEqual(
        ids.filter((id) => qosOf(id) === qos).map((packetId) => ({ type, packetId })),
      );
    }
  });

  test('PUBRELs follow the order of the PUBRECs, not of the PUBLISH packets [MQTT-4.6.0-4] [MQTT-4.6.0-6]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 2]);
    for (const index of numbers(8)) await publisher.publish({ topic, payload: `${index}`, qos: 2 });
    const ids = (await subscriber.nextPublishes(8)).map(({ packetId }) => packetId);
    const answered = [3, 0, 7, 1, 6, 2, 5, 4].map((index) => ids[index]!);
    subscriber.send(...answered.map(pubrec));
    for (const packetId of answered) expect(await subscriber.next()).toEqual({ type: 'pubrel', packetId });
  });
});
