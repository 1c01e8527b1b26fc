import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { publish } from '../support/packets.js';

const broker = useBroker();

/** Bytes without a pattern that a lost or doubled part could hide in. */
const noise = (length: number): Buffer => {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
};

describe('transport', () => {
  test('TCP carries the packets as an ordered, lossless stream in both directions [MQTT-7.1.1-1]', async () => {
    const topic = unique('t');
    const [subscriber, publisher] = await Promise.all([broker.connect(), broker.connect()]);
    await subscriber.subscribe([topic, 0]);
    const data = noise(900_000);
    const messages = [1, 1_000, 70_000, 900_000].map((length) =>
      publish({ topic, payload: data.subarray(0, length) }),
    );
    await publisher.sendInPieces(Buffer.concat(messages), 32_749);
    for (const message of messages) expect((await subscriber.nextFrame()).equals(message)).toBe(true);
  });

  test('no extension is needed: connect, subscribe, publish at each QoS, will and retain, with packets of the standard only [MQTT-7.0.0-2]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect({ keepAlive: 60, will: { topic, payload: 'will', qos: 2 } });
    expect(await subscriber.subscribe([topic, 2])).toEqual([2]);
    for (const qos of [0, 1, 2]) {
      await publisher.publish({ topic, payload: `${qos}`, qos, retain: true });
      const message = await subscriber.nextPublish();
      expect(message).toMatchObject({ topic, payload: `${qos}`, qos });
      await subscriber.acknowledge(message);
    }
    publisher.destroy();
    expect(await subscriber.nextPublish()).toMatchObject({ payload: 'will', qos: 2 });
  });
});
