import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import {
  connect,
  disconnect,
  field,
  frame,
  publish,
  subscribe,
  type WillFields,
} from '../support/packets.js';
import type { RawClient } from '../support/raw-client.js';

const broker = useBroker();

/** A client with a will on a topic of its own, and a watcher subscribed to it at QoS 2. */
const withWill = async (
  will: Partial<WillFields> = {},
): Promise<{ client: RawClient; watcher: RawClient; topic: string }> => {
  const topic = unique('t');
  const watcher = await broker.connect();
  await watcher.subscribe([topic, 2]);
  const client = await broker.connect({ will: { topic, payload: 'will', ...will } });
  return { client, watcher, topic };
};

/**
 * Nothing came, even after the broker had a whole connection's time to see the end of another one: a
 * client may see its connection closed a moment before the broker has finished with it.
 */
const staysQuiet = async (watcher: RawClient): Promise<void> => {
  await watcher.expectSilence();
  const other = await broker.connect();
  other.send(disconnect());
  await other.expectClosed();
  await watcher.expectSilence();
};

describe('a will is published when the connection ends without DISCONNECT', () => {
  test.each<[string, (client: RawClient) => void]>([
    ['the network connection is cut', (client) => client.destroy()],
    ['the client ends the stream', (client) => client.end()],
    ['a packet is cut short by the end', (client) => (client.send(Buffer.from('3010', 'hex')), client.end())],
    ['a second CONNECT', (client) => client.send(connect({ clientId: unique('c') }))],
    ['a reserved packet type', (client) => client.send(Buffer.from('f000', 'hex'))],
    ['a malformed Remaining Length', (client) => client.send(Buffer.from('c0ffffffff', 'hex'))],
    ['a QoS 3 PUBLISH', (client) => client.send(publish({ topic: 'a', qos: 3, packetId: 1 }))],
    ['a wildcard in a PUBLISH topic', (client) => client.send(publish({ topic: 'a/#' }))],
    ['an empty SUBSCRIBE', (client) => client.send(subscribe(1))],
    ['a DISCONNECT with wrong flags', (client) => client.send(Buffer.from('e100', 'hex'))],
    ['a DISCONNECT with a body', (client) => client.send(Buffer.from('e00100', 'hex'))],
  ])('%s [MQTT-3.1.2-8]', async (_, finish) => {
    const { client, watcher, topic } = await withWill();
    await watcher.expectSilence();
    finish(client);
    expect(await watcher.nextPublish()).toMatchObject({
      topic,
      payload: 'will',
      qos: 0,
      retain: false,
      dup: false,
    });
    await watcher.expectSilence();
  });
});

describe('a will is not published', () => {
  test('after a DISCONNECT [MQTT-3.1.2-8] [MQTT-3.1.2-10] [MQTT-3.14.4-3]', async () => {
    const { client, watcher } = await withWill();
    client.send(disconnect());
    await client.expectClosed();
    await staysQuiet(watcher);
  });

  test('after a DISCONNECT with a protocol violation behind it [MQTT-3.14.4-3]', async () => {
    const { client, watcher } = await withWill();
    client.send(disconnect(), Buffer.from('f000', 'hex'));
    await client.expectClosed();
    await staysQuiet(watcher);
  });

  test('for a connection that has none [MQTT-3.1.2-12]', async () => {
    const topic = unique('end');
    const watcher = await broker.connect();
    await watcher.subscribe(['#', 0]);
    const client = await broker.connect();
    client.send(Buffer.from('f000', 'hex'));
    await client.expectClosed();
    await watcher.publish({ topic, payload: 'after' });
    // Wills of the tests before may still come in; they all have a topic made for them.
    let message = await watcher.nextPublish();
    while (message.topic !== topic) {
      expect(message.topic).toMatch(/^t[0-9a-z]+$/);
      message = await watcher.nextPublish();
    }
  });

  test('for a connection without one that resumes a session which had one [MQTT-3.1.2-10] [MQTT-3.1.2-12]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const first = await broker.connect({ clientId, cleanSession: false, will: { topic, payload: 'first' } });
    first.send(disconnect());
    await first.expectClosed();
    const second = await broker.connect({ clientId, cleanSession: false });
    second.send(Buffer.from('f000', 'hex'));
    await second.expectClosed();
    await staysQuiet(watcher);
  });

  test('a second time, when the session of a published will ends again [MQTT-3.1.2-10]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const first = await broker.connect({ clientId, cleanSession: false, will: { topic, payload: 'once' } });
    first.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'once' });
    const second = await broker.connect({ clientId, cleanSession: false });
    second.send(Buffer.from('f000', 'hex'));
    await second.expectClosed();
    await staysQuiet(watcher);
  });

  test('when its topic belongs to the broker, as no client publishes to $SYS', async () => {
    const topic = `$SYS/${unique('t')}`;
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.open();
    client.send(connect({ clientId: unique('c'), will: { topic, payload: 'forged', retain: true } }));
    // Whether such a CONNECT is let in is the broker's choice.
    await client.take('connack').catch(() => undefined);
    client.send(Buffer.from('f000', 'hex'));
    await client.whenClosed();
    await staysQuiet(watcher);
    await watcher.subscribe([topic, 0]);
    await watcher.expectSilence();
  });

  test('when its CONNECT was refused [MQTT-3.1.2-8]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.open();
    client.send(connect({ clientId: '', cleanSession: false, will: { topic, payload: 'will' } }));
    expect(await client.next()).toMatchObject({ returnCode: 2 });
    await client.expectClosed();
    await staysQuiet(watcher);
  });
});

describe('a will goes out like a PUBLISH of its client', () => {
  test.each([0, 1, 2])('at its QoS %i [MQTT-3.1.2-9]', async (qos) => {
    const { client, watcher, topic } = await withWill({ qos });
    client.destroy();
    const message = await watcher.nextPublish();
    expect(message).toMatchObject({ topic, payload: 'will', qos, retain: false, dup: false });
    await watcher.acknowledge(message);
    await watcher.expectSilence();
  });

  test('lowered to the granted QoS of the subscription', async () => {
    const { client, watcher, topic } = await withWill({ qos: 2 });
    await watcher.subscribe([topic, 1]);
    client.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ qos: 1 });
  });

  test('with will retain 0 it is not retained [MQTT-3.1.2-16] [MQTT-3.1.2-9]', async () => {
    const { client, watcher, topic } = await withWill({ retain: false, qos: 1 });
    client.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ retain: false });
    const later = await broker.connect();
    await later.subscribe([topic, 1]);
    await later.expectSilence();
  });

  test.each([0, 1, 2])(
    'with will retain 1 and QoS %i it is retained [MQTT-3.1.2-17] [MQTT-3.1.2-9]',
    async (qos) => {
      const { client, watcher, topic } = await withWill({ retain: true, qos });
      client.destroy();
      expect(await watcher.nextPublish()).toMatchObject({ payload: 'will', retain: false });
      const later = await broker.connect();
      await later.subscribe([topic, 2]);
      expect(await later.nextPublish()).toMatchObject({ topic, payload: 'will', retain: true, qos });
    },
  );

  test('an empty payload is legal, and with will retain 1 it clears what is retained [MQTT-3.1.2-17] [MQTT-3.3.1-10]', async () => {
    const { client, watcher, topic } = await withWill({ payload: '', retain: true });
    await watcher.publish({ topic, payload: 'kept', retain: true });
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'kept' });
    client.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ payload: '', retain: false });
    const later = await broker.connect();
    await later.subscribe([topic, 0]);
    await later.expectSilence();
  });

  test('it is stored for an absent session like any message [MQTT-3.1.2-8] [MQTT-3.1.2-5]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const absent = await broker.connect({ clientId, cleanSession: false });
    await absent.subscribe([topic, 1]);
    absent.send(disconnect());
    await absent.expectClosed();
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.connect({ will: { topic, payload: 'will', qos: 1 } });
    client.destroy();
    await watcher.nextPublish();
    const back = await broker.connect({ clientId, cleanSession: false });
    expect(await back.nextPublish()).toMatchObject({ payload: 'will', qos: 1, dup: false });
  });

  test('each connection has the will of its own CONNECT only [MQTT-3.1.2-10]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const first = await broker.connect({ clientId, cleanSession: false, will: { topic, payload: 'old' } });
    first.send(disconnect());
    await first.expectClosed();
    const second = await broker.connect({ clientId, cleanSession: false, will: { topic, payload: 'new' } });
    second.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'new' });
    await watcher.expectSilence();
  });
});

describe('a will topic that is no topic name closes the connection without CONNACK', () => {
  test.each([
    ['', '[MQTT-4.7.3-1]'],
    ['#', '[MQTT-4.7.1-1]'],
    ['a/#', '[MQTT-4.7.1-1]'],
    ['+', '[MQTT-4.7.1-1]'],
    ['a/+/b', '[MQTT-4.7.1-1]'],
    ['a+', '[MQTT-4.7.1-1]'],
  ])('"%s" %s', async (topic) => {
    const client = await broker.open();
    client.send(connect({ clientId: unique('c'), will: { topic, payload: 'x' } }));
    await client.expectClosed();
  });

  test('a will whose message runs past the packet end [MQTT-3.1.2-9]', async () => {
    const client = await broker.open();
    const body = Buffer.concat([
      field('MQTT'),
      Buffer.from([4, 6, 0, 0]),
      field('c'),
      field('w'),
      Buffer.from('000561', 'hex'),
    ]);
    client.send(frame(0x10, body));
    await client.expectClosed();
  });
});
