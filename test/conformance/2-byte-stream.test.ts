import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, unique, useBroker } from '../support/conformance-broker.js';
import { connect, connectOf, field, pingreq, publish, subscribe, unsubscribe } from '../support/packets.js';

const broker = useBroker();

describe('packets and the byte stream', () => {
  test('packets that arrive byte by byte are handled like whole ones', async () => {
    const topic = unique('t');
    const client = await broker.open();
    await client.sendInPieces(
      Buffer.concat([
        connect({
          clientId: unique('c'),
          will: { topic: 'w', payload: 'gone' },
          username: 'u',
          password: 'p',
        }),
        subscribe(1, [topic, 1], ['other', 0]),
        publish({ topic, payload: 'slow', qos: 1, packetId: 9 }),
        unsubscribe(2, 'other'),
        pingreq(),
      ]),
      1,
    );
    expect(await client.take('connack')).toMatchObject({ returnCode: 0 });
    expect(await client.take('suback')).toMatchObject({ packetId: 1, returnCodes: [1, 0] });
    expect(await client.take('publish')).toMatchObject({ topic, payload: 'slow', qos: 1 });
    expect(await client.take('puback')).toEqual({ type: 'puback', packetId: 9 });
    expect(await client.take('unsuback')).toEqual({ type: 'unsuback', packetId: 2 });
    expect(await client.take('pingresp')).toEqual({ type: 'pingresp' });
  });

  test('many packets in one write are all handled, in order', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    const messages = Array.from({ length: 200 }, (_, index) => publish({ topic, payload: `${index}` }));
    client.send(subscribe(1, [topic, 0]), ...messages, pingreq());
    await client.take('suback');
    expect((await client.nextPublishes(200)).map(({ payload }) => Number(payload))).toEqual([
      ...Array(200).keys(),
    ]);
    expect(await client.next()).toEqual({ type: 'pingresp' });
  });

  test.each([2, 3, 5, 7, 64])(
    'pieces of %i bytes that cut packets anywhere change nothing',
    async (pieceBytes) => {
      const topic = unique('t');
      const client = await broker.connect();
      await client.subscribe([topic, 2]);
      const payloads = ['', 'a', 'b'.repeat(120), 'c'.repeat(130), 'd'.repeat(300)];
      const messages = payloads.map((payload) => publish({ topic, payload }));
      await client.sendInPieces(Buffer.concat([...messages, pingreq()]), pieceBytes);
      expect((await client.nextPublishes(payloads.length)).map(({ payload }) => payload)).toEqual(payloads);
      expect(await client.next()).toEqual({ type: 'pingresp' });
    },
  );

  test('what was complete before a malformed packet is still handled', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.connect();
    client.send(
      publish({ topic, payload: 'good' }),
      Buffer.from('f000', 'hex'),
      publish({ topic, payload: 'late' }),
    );
    await client.expectClosed();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'good' });
    await watcher.expectSilence();
  });

  test('a CONNECT cut anywhere in its fields closes the connection [MQTT-3.1.4-1]', async () => {
    const payload = [field('id'), field('w'), field('m'), field('u'), field('p')];
    const whole = Buffer.concat(payload);
    await forEachAtOnce([...Array(whole.length).keys()], async (length) => {
      const client = await broker.open();
      client.send(connectOf(0xc6, [whole.subarray(0, length)]));
      await client.expectClosed();
    });
  });
});
