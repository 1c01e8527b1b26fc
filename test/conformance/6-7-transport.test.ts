import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testInProcess, unique, useBroker } from '../support/conformance-broker.js';
import { connect, publish, subscribe } from '../support/packets.js';
import { startBroker, type TestBroker } from '../support/start-broker.js';
import { WebSocketClient } from '../support/websocket-client.js';

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

describe('WebSocket', () => {
  let door: TestBroker;
  beforeAll(async () => {
    const listener = { host: '127.0.0.1', port: 0, transport: 'websocket' as const, webSocketPath: '/mqtt' };
    door = await startBroker({ config: { listeners: [listener] } });
  });
  afterAll(() => door.stop());

  const greet = async (client: WebSocketClient): Promise<void> => {
    client.send(connect({ clientId: unique('w') }));
    expect((await client.take(4)).toString('hex')).toBe('20020000');
  };

  testInProcess(
    'carries MQTT in binary frames, and a text frame ends the connection [MQTT-6.0.0-1]',
    async () => {
      const client = await WebSocketClient.open(door.port);
      await greet(client);
      expect(client.frameKinds).toEqual(['binary']);
      client.sendText(connect({ clientId: unique('w') }).toString('latin1'));
      expect(await client.closed()).toBe(1003);
    },
  );

  testInProcess(
    'may divide packets into frames as it likes: several in one, one in several [MQTT-6.0.0-2]',
    async () => {
      const topic = unique('t');
      const client = await WebSocketClient.open(door.port);
      const message = publish({ topic, payload: 'x'.repeat(300) });
      const sent = Buffer.concat([
        connect({ clientId: unique('w') }),
        subscribe(1, [topic, 0]),
        message,
        message,
      ]);
      client.send(sent.subarray(0, 40));
      for (const byte of sent.subarray(40, 60)) client.send(Buffer.from([byte]));
      client.send(sent.subarray(60));
      expect((await client.take(9)).toString('hex')).toBe('200200009003000100');
      expect((await client.take(2 * message.length)).equals(Buffer.concat([message, message]))).toBe(true);
      client.destroy();
    },
  );

  testInProcess(
    'is answered with the subprotocol mqtt, whatever else is offered [MQTT-6.0.0-4]',
    async () => {
      const client = await WebSocketClient.open(door.port, { offered: ['mqttv3.1', 'mqtt'] });
      expect(client.protocol).toBe('mqtt');
      await greet(client);
      client.destroy();
      await expect(WebSocketClient.open(door.port, { offered: ['mqttv3.1'] })).rejects.toThrow('400');
      await expect(WebSocketClient.open(door.port, { offered: [] })).rejects.toThrow('400');
      await expect(WebSocketClient.open(door.port, { path: '/elsewhere' })).rejects.toThrow('404');
      const { status } = await fetch(`http://127.0.0.1:${door.port}/mqtt`);
      expect(status).toBe(426);
    },
  );
});
