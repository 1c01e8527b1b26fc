import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { connect, disconnect, publish } from '../support/packets.js';
import type { RawClient } from '../support/raw-client.js';

const broker = useBroker();

/** Connects, and returns the bytes of the CONNACK. */
const connackOf = async (
  clientId: string,
  cleanSession: boolean,
): Promise<{ client: RawClient; bytes: string }> => {
  const client = await broker.open();
  client.send(connect({ clientId, cleanSession }));
  return { client, bytes: (await client.nextFrame()).toString('hex') };
};

const leave = async (client: RawClient): Promise<void> => {
  client.send(disconnect());
  await client.expectClosed();
};

/** A session of CleanSession 0 that is stored and absent. */
const stored = async (filter?: string): Promise<string> => {
  const clientId = unique('c');
  const client = await broker.connect({ clientId, cleanSession: false });
  if (filter !== undefined) await client.subscribe([filter, 1]);
  await leave(client);
  return clientId;
};

describe('session present', () => {
  test('is 0 for CleanSession 1 without a stored session [MQTT-3.2.2-1] [MQTT-3.1.4-4]', async () => {
    expect((await connackOf(unique('c'), true)).bytes).toBe('20020000');
  });

  test('is 0 for CleanSession 1 with a stored session, which is then gone [MQTT-3.2.2-1] [MQTT-3.1.2-6] [MQTT-3.1.4-3]', async () => {
    const clientId = await stored('a/b');
    const { client, bytes } = await connackOf(clientId, true);
    expect(bytes).toBe('20020000');
    await leave(client);
    expect((await connackOf(clientId, false)).bytes).toBe('20020000');
  });

  test('is 0 for CleanSession 0 without a stored session [MQTT-3.2.2-3] [MQTT-3.1.2-4] [MQTT-3.1.4-3]', async () => {
    expect((await connackOf(unique('c'), false)).bytes).toBe('20020000');
  });

  test('is 1 for CleanSession 0 with a stored session [MQTT-3.2.2-2] [MQTT-3.1.2-4] [MQTT-3.1.4-3]', async () => {
    expect((await connackOf(await stored('a/b'), false)).bytes).toBe('20020100');
  });

  test('is 1 for a stored session without subscriptions or messages [MQTT-3.2.2-2]', async () => {
    expect((await connackOf(await stored(), false)).bytes).toBe('20020100');
  });

  test('is 1 after the connection was cut without DISCONNECT [MQTT-3.2.2-2] [MQTT-3.1.2-4]', async () => {
    const clientId = unique('c');
    (await broker.connect({ clientId, cleanSession: false })).destroy();
    expect((await connackOf(clientId, false)).bytes).toBe('20020100');
  });

  test('is 0 after a session of CleanSession 1, however it ended [MQTT-3.2.2-3] [MQTT-3.1.2-6]', async () => {
    const [left, cut] = [unique('c'), unique('c')];
    await leave(await broker.connect({ clientId: left }));
    (await broker.connect({ clientId: cut })).destroy();
    expect((await connackOf(left, false)).bytes).toBe('20020000');
    expect((await connackOf(cut, false)).bytes).toBe('20020000');
  });

  test('stays 1 over any number of reconnects [MQTT-3.2.2-2] [MQTT-4.1.0-1]', async () => {
    const clientId = await stored();
    for (let count = 0; count < 3; count += 1) {
      const { client, bytes } = await connackOf(clientId, false);
      expect(bytes).toBe('20020100');
      await leave(client);
    }
  });
});

describe('CONNACK', () => {
  test('comes before the messages of a resumed session [MQTT-3.2.0-1]', async () => {
    const filter = unique('t');
    const clientId = await stored(filter);
    const publisher = await broker.connect();
    await publisher.publish({ topic: filter, payload: 'waiting', qos: 1 });
    const client = await broker.open();
    client.send(connect({ clientId, cleanSession: false }));
    expect(await client.next()).toEqual({ type: 'connack', sessionPresent: true, returnCode: 0 });
    expect(await client.next()).toMatchObject({ type: 'publish', payload: 'waiting' });
  });

  test('comes before live messages for a resumed subscription under load [MQTT-3.2.0-1]', async () => {
    const filter = unique('t');
    const clientId = await stored(filter);
    const publisher = await broker.connect();
    const client = await broker.open();
    const flood = Array.from({ length: 50 }, (_, index) => publish({ topic: filter, payload: `${index}` }));
    publisher.send(...flood);
    client.send(connect({ clientId, cleanSession: false }));
    publisher.send(...flood);
    expect((await client.next()).type).toBe('connack');
  });

  test('is left out when the refusal has no code of its own [MQTT-3.2.2-6] [MQTT-3.1.4-1]', async () => {
    const client = await broker.open();
    client.send(connect({ protocolName: 'AMQP', clientId: unique('c') }));
    await client.expectClosed();
  });

  test.each([
    ['an unsupported level', connect({ level: 77, clientId: 'a' }), '20020001'],
    ['an empty id with CleanSession 0', connect({ cleanSession: false }), '20020002'],
  ])(
    'refuses %s with session-present 0, and the connection is closed [MQTT-3.2.2-4] [MQTT-3.2.2-5]',
    async (_, packet, bytes) => {
      const client = await broker.open();
      client.send(packet);
      expect((await client.nextFrame()).toString('hex')).toBe(bytes);
      await client.expectClosed();
    },
  );

  test('refuses an unsupported level with session-present 0 although the id has a session [MQTT-3.2.2-4]', async () => {
    const clientId = await stored();
    const client = await broker.open();
    client.send(connect({ level: 9, clientId, cleanSession: false }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020001');
    await client.expectClosed();
  });
});
