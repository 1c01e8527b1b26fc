import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { connect, disconnect, type ConnectFields } from '../support/packets.js';

const broker = useBroker();

const sessionPresent = async (fields: ConnectFields): Promise<boolean> => {
  const client = await broker.open();
  client.send(connect(fields));
  const connack = await client.take('connack');
  expect(connack.returnCode).toBe(0);
  client.send(disconnect());
  await client.expectClosed();
  return connack.sessionPresent;
};

describe('client id', () => {
  test.each([
    ['one character', 'q'],
    ['digits', '01234567890123456789012'],
    ['lower case', 'abcdefghijklmnopqrstuvw'],
    ['the rest of it and upper case', 'xyzABCDEFGHIJKLMNOPQRST'],
    ['the rest of it', 'UVWXYZ0'],
  ])('of 1 to 23 letters and digits is accepted: %s (%s) [MQTT-3.1.3-5]', async (_, clientId) => {
    expect(await sessionPresent({ clientId })).toBe(false);
  });

  test.each([
    ['24 bytes', 'a'.repeat(24)],
    ['1,000 bytes', 'a'.repeat(1_000)],
    ['a space', 'clean retained'],
    ['separators and wildcards', 'a/b/+/#-_.:$'],
    ['characters outside ASCII', 'größe-\u{1f600}'],
  ])('longer or with other characters is accepted by choice: %s', async (_, clientId) => {
    expect(await sessionPresent({ clientId })).toBe(false);
  });

  test('is the key of the session: the same id finds it, from any connection [MQTT-3.1.3-2] [MQTT-3.1.3-3]', async () => {
    const clientId = unique('c');
    expect(await sessionPresent({ clientId, cleanSession: false, username: 'a', password: 'p' })).toBe(false);
    expect(await sessionPresent({ clientId, cleanSession: false, username: 'b', password: 'q' })).toBe(true);
  });

  test.each([
    ['case', (id: string) => id.toUpperCase()],
    ['a trailing space', (id: string) => `${id} `],
    ['a leading space', (id: string) => ` ${id}`],
    ['its length', (id: string) => id.slice(0, -1)],
  ])('is compared exactly: one that differs by %s has no session [MQTT-3.1.3-2]', async (_, change) => {
    const clientId = `${unique('c')}x`;
    expect(await sessionPresent({ clientId, cleanSession: false })).toBe(false);
    expect(await sessionPresent({ clientId: change(clientId), cleanSession: false })).toBe(false);
    expect(await sessionPresent({ clientId, cleanSession: false })).toBe(true);
  });

  test('composed and decomposed characters make different ids [MQTT-3.1.3-2]', async () => {
    const stem = unique('c');
    expect(await sessionPresent({ clientId: `${stem}\u00e9`, cleanSession: false })).toBe(false);
    expect(await sessionPresent({ clientId: `${stem}e\u0301`, cleanSession: false })).toBe(false);
  });

  test('empty with CleanSession 1 is given a unique id: two of them live side by side [MQTT-3.1.3-6]', async () => {
    const first = await broker.connect({ clientId: '' });
    const second = await broker.connect({ clientId: '' });
    const topic = unique('t');
    await first.subscribe([topic, 0]);
    await second.publish({ topic, payload: 'hello' });
    expect(await first.nextPublish()).toMatchObject({ topic, payload: 'hello' });
    await second.expectSilence();
  });

  test('empty with CleanSession 0 is refused with CONNACK 2 and closed [MQTT-3.1.3-8] [MQTT-3.1.3-9] [MQTT-3.2.2-4] [MQTT-3.2.2-5]', async () => {
    const client = await broker.open();
    client.send(connect({ clientId: '', cleanSession: false }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020002');
    await client.expectClosed();
  });
});

describe('takeover', () => {
  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    'the older connection of an id is closed; CleanSession old %s, new %s [MQTT-3.1.4-2]',
    async (older, newer) => {
      const clientId = unique('c');
      const first = await broker.connect({ clientId, cleanSession: older });
      const second = await broker.open();
      second.send(connect({ clientId, cleanSession: newer }));
      expect(await second.next()).toEqual({
        type: 'connack',
        sessionPresent: !older && !newer,
        returnCode: 0,
      });
      await first.expectClosed();
      await second.expectSilence();
    },
  );

  test('the taken-over connection ended without DISCONNECT: its will is published [MQTT-3.1.4-2] [MQTT-3.1.2-8]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const first = await broker.connect({ clientId, will: { topic, payload: 'taken over' } });
    const second = await broker.connect({ clientId, will: { topic, payload: 'of the second' } });
    await first.expectClosed();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'taken over' });
    await watcher.expectSilence();
    await second.expectSilence();
  });

  test('the session goes on with the new connection, and the late end of the old one does not touch it [MQTT-3.1.4-2] [MQTT-3.1.2-4]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    const second = await broker.connect({ clientId, cleanSession: false });
    await first.expectClosed();
    await second.publish({ topic, payload: 'still here', qos: 1 });
    expect(await second.nextPublish()).toMatchObject({ payload: 'still here', qos: 1 });
  });

  test('a malformed CONNECT with the same id takes nothing over [MQTT-3.1.4-1]', async () => {
    const clientId = unique('c');
    const first = await broker.connect({ clientId });
    const second = await broker.open();
    second.send(connect({ clientId, will: { topic: 'w', qos: 3 } }));
    await second.expectClosed();
    await first.expectSilence();
  });

  test('of many at once leaves exactly one [MQTT-3.1.4-2]', async () => {
    const clientId = unique('c');
    const clients = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = await broker.open();
        client.send(connect({ clientId, cleanSession: false }));
        return client;
      }),
    );
    const last = await broker.connect({ clientId, cleanSession: false });
    await Promise.all(clients.map((client) => client.whenClosed()));
    await last.expectSilence();
  });
});
