import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { puback, pubcomp, publish, pubrec, pubrel, subscribe, unsubscribe } from '../support/packets.js';

const broker = useBroker();

const closesOn = async (...packets: Buffer[]): Promise<void> => {
  const client = await broker.connect();
  client.send(...packets);
  await client.expectClosed();
};

describe('packet ids', () => {
  test.each([
    ['SUBSCRIBE', subscribe(0, ['a', 0])],
    ['UNSUBSCRIBE', unsubscribe(0, 'a')],
    ['QoS 1 PUBLISH', publish({ topic: 'a', qos: 1, packetId: 0 })],
    ['QoS 2 PUBLISH', publish({ topic: 'a', qos: 2, packetId: 0 })],
  ])('%s with packet id 0 closes the connection [MQTT-2.3.1-1]', async (_, packet) => {
    await closesOn(packet);
  });

  test.each([1, 2])(
    'QoS %i messages of the broker have distinct ids, none of them 0 [MQTT-2.3.1-1] [MQTT-2.3.1-4]',
    async (qos) => {
      const topic = unique('t');
      const subscriber = await broker.connect();
      const publisher = await broker.connect();
      await subscriber.subscribe([topic, qos]);
      for (let count = 0; count < 10; count += 1) await publisher.publish({ topic, qos });
      const ids = (await subscriber.nextPublishes(10)).map(({ packetId }) => packetId);
      expect(ids).not.toContain(0);
      expect(new Set(ids).size).toBe(10);
    },
  );

  test('an id stays in use from PUBREC until PUBCOMP [MQTT-2.3.1-4] [MQTT-4.3.3-1]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 2]);
    await publisher.publish({ topic, qos: 2 });
    const held = await subscriber.nextPublish();
    subscriber.send(pubrec(held.packetId));
    await subscriber.take('pubrel');
    for (let count = 0; count < 5; count += 1) {
      await publisher.publish({ topic, qos: 2 });
      const other = await subscriber.nextPublish();
      expect(other.packetId).not.toBe(held.packetId);
      await subscriber.acknowledge(other);
    }
  });

  test('when the ids have gone round once, the ones still in use are left out [MQTT-2.3.1-4]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 2]);
    await publisher.publish({ topic, qos: 1 });
    await publisher.publish({ topic, qos: 2 });
    const [atPublish, atPubrel] = await subscriber.nextPublishes(2);
    subscriber.send(pubrec(atPubrel!.packetId));
    await subscriber.take('pubrel');
    const held = [atPublish!.packetId, atPubrel!.packetId];
    const batch = 512;
    for (let sent = 0; sent < 66_000; sent += batch) {
      publisher.send(
        ...Array.from({ length: batch }, (_, id) => publish({ topic, qos: 1, packetId: id + 1 })),
      );
      for (let count = 0; count < batch; count += 1) {
        const { packetId } = await subscriber.nextPublish();
        if (held.includes(packetId)) throw new Error(`id ${packetId} is still in use`);
        subscriber.send(puback(packetId));
      }
      for (let count = 0; count < batch; count += 1) await publisher.take('puback');
    }
    expect(held).not.toContain(0);
  }, 30_000);

  test('a QoS 0 PUBLISH has no packet id: the payload starts behind the topic [MQTT-2.3.1-5]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 2]);
    const message = publish({ topic, payload: Buffer.from([0, 1, 2]) });
    publisher.send(message);
    expect(await subscriber.nextFrame()).toEqual(message);
    await publisher.expectSilence();
  });

  test('a QoS 1 message to a QoS 0 subscription goes out without a packet id [MQTT-2.3.1-5]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 0]);
    await publisher.publish({ topic, payload: 'x', qos: 1 });
    expect(await subscriber.nextFrame()).toEqual(publish({ topic, payload: 'x' }));
  });

  test('PUBACK, PUBREC, PUBREL and PUBCOMP repeat the id of their PUBLISH [MQTT-2.3.1-6]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    for (const packetId of [1, 2, 0xff, 0x100, 0x7fff, 0x8000, 0xffff]) {
      client.send(publish({ topic, qos: 1, packetId }));
      expect(await client.next()).toEqual({ type: 'puback', packetId });
      client.send(publish({ topic, qos: 2, packetId }));
      expect(await client.next()).toEqual({ type: 'pubrec', packetId });
      client.send(pubrel(packetId));
      expect(await client.next()).toEqual({ type: 'pubcomp', packetId });
    }
    await client.subscribe([topic, 2]);
    client.send(publish({ topic, qos: 2, packetId: 700 }), pubrel(700));
    await client.take('pubcomp');
    const { packetId } = await client.take('publish');
    client.send(pubrec(packetId));
    expect(await client.take('pubrel')).toEqual({ type: 'pubrel', packetId });
  });

  test('SUBACK and UNSUBACK repeat the id of their request [MQTT-2.3.1-7] [MQTT-3.8.4-2] [MQTT-3.10.4-4]', async () => {
    const filter = unique('t');
    const client = await broker.connect();
    for (const packetId of [1, 2, 0xff, 0x100, 0x7fff, 0x8000, 0xffff]) {
      client.send(subscribe(packetId, [filter, 1]));
      expect(await client.next()).toEqual({ type: 'suback', packetId, returnCodes: [1] });
      client.send(unsubscribe(packetId, filter));
      expect(await client.next()).toEqual({ type: 'unsuback', packetId });
    }
  });

  test('ids of the two directions are independent', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 2]);
    await client.publish({ topic, payload: 'one', qos: 2 });
    const { packetId } = await client.nextPublish();
    client.send(publish({ topic: `${topic}/x`, qos: 2, packetId }));
    expect(await client.next()).toEqual({ type: 'pubrec', packetId });
    client.send(pubrec(packetId));
    expect(await client.next()).toEqual({ type: 'pubrel', packetId });
    client.send(pubrel(packetId));
    expect(await client.next()).toEqual({ type: 'pubcomp', packetId });
    client.send(pubcomp(packetId));
    await client.expectSilence();
  });
});
