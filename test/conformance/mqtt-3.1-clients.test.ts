import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import {
  connect,
  connectOf,
  disconnect,
  field,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
  type ConnectFields,
} from '../support/packets.js';

const broker = useBroker();

/** What makes a CONNECT one of MQTT 3.1. */
const level3 = { protocolName: 'MQIsdp', level: 3 } as const;

const connackOf = async (fields: ConnectFields): Promise<string> => {
  const client = await broker.open();
  client.send(connect({ ...level3, ...fields }));
  const bytes = (await client.nextFrame()).toString('hex');
  client.send(disconnect());
  await client.expectClosed();
  return bytes;
};

const withFirstByte = (packet: Buffer, first: number): Buffer =>
  Buffer.concat([Buffer.from([first]), packet.subarray(1)]);

describe('a client of MQTT 3.1', () => {
  test('is accepted as MQIsdp, level 3', async () => {
    expect(await connackOf({ clientId: unique('c') })).toBe('20020000');
  });

  test.each([
    ['MQIsdp', 4],
    ['MQIsdp', 5],
    ['MQIsdp', 0x83],
    ['MQTT', 3],
  ])(
    'is told by CONNACK 1 that %s with level %i is not served [MQTT-3.1.2-2]',
    async (protocolName, level) => {
      const client = await broker.open();
      client.send(connect({ protocolName, level, clientId: unique('c') }));
      expect((await client.nextFrame()).toString('hex')).toBe('20020001');
      await client.expectClosed();
    },
  );

  test('gets a CONNACK whose first byte is 0, also when its session goes on', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ ...level3, clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    first.destroy();
    const second = await broker.open();
    second.send(connect({ ...level3, clientId, cleanSession: false }));
    expect((await second.nextFrame()).toString('hex')).toBe('20020000');
    await second.publish({ topic, payload: 'x', qos: 1 });
    expect(await second.nextPublish()).toMatchObject({ payload: 'x', qos: 1 });
  });

  test('may come back as one of MQTT 3.1.1 to the same session', async () => {
    const clientId = unique('c');
    await connackOf({ clientId, cleanSession: false });
    const client = await broker.open();
    client.send(connect({ clientId, cleanSession: false }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020100');
  });

  test('may have a client id of more than 23 characters', async () => {
    expect(await connackOf({ clientId: `${unique('c')}${'x'.repeat(40)}` })).toBe('20020000');
  });

  test('may set the reserved connect flag', async () => {
    const client = await broker.open();
    client.send(connectOf(0x03, [field(unique('c'))], level3));
    expect((await client.nextFrame()).toString('hex')).toBe('20020000');
  });

  test.each([
    ['user name', 0x82],
    ['user name and password', 0xc2],
  ])('may flag a %s (%i) and leave it out', async (_, flags) => {
    const client = await broker.open();
    client.send(connectOf(flags, [field(unique('c'))], level3));
    expect((await client.nextFrame()).toString('hex')).toBe('20020000');
    await client.expectSilence();
  });

  test('may set DUP on SUBSCRIBE, UNSUBSCRIBE and PUBREL', async () => {
    const topic = unique('t');
    const client = await broker.connect(level3);
    client.send(withFirstByte(subscribe(1, [topic, 0]), 0x8a));
    expect(await client.next()).toEqual({ type: 'suback', packetId: 1, returnCodes: [0] });
    client.send(publish({ topic, payload: 'x', qos: 2, packetId: 2 }));
    expect(await client.take('pubrec')).toEqual({ type: 'pubrec', packetId: 2 });
    client.send(withFirstByte(pubrel(2), 0x6a));
    expect(await client.take('pubcomp')).toEqual({ type: 'pubcomp', packetId: 2 });
    expect(await client.nextPublish()).toMatchObject({ payload: 'x' });
    client.send(withFirstByte(unsubscribe(3, topic), 0xaa));
    expect(await client.next()).toEqual({ type: 'unsuback', packetId: 3 });
  });

  test('is sent PUBREL without DUP, and PUBLISH with DUP, after a reconnect', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ ...level3, clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload: 'a', qos: 2 });
    await first.publish({ topic, payload: 'b', qos: 2 });
    const [a, b] = await first.nextPublishes(2);
    first.send(pubrec(a!.packetId));
    await first.take('pubrel');
    first.destroy();
    const second = await broker.connect({ ...level3, clientId, cleanSession: false });
    expect(await second.next()).toEqual({ type: 'pubrel', packetId: a!.packetId });
    expect(await second.next()).toEqual({ ...b, dup: true });
  });

  test('has a will, retained messages and wildcards like any other', async () => {
    const base = unique('t');
    const [watcher, newer] = await Promise.all([broker.connect(level3), broker.connect()]);
    await watcher.subscribe([`${base}/+`, 2]);
    await newer.subscribe([`${base}/#`, 2]);
    const client = await broker.connect({
      ...level3,
      will: { topic: `${base}/w`, payload: 'will', qos: 1, retain: true },
    });
    client.destroy();
    for (const each of [watcher, newer])
      expect(await each.nextPublish()).toMatchObject({ payload: 'will', qos: 1, retain: false });
    const later = await broker.connect(level3);
    await later.subscribe([`${base}/w`, 0]);
    expect(await later.nextPublish()).toMatchObject({ payload: 'will', qos: 0, retain: true });
  });

  test('is cut off for what MQTT 3.1 forbids too: QoS 3, a wildcard in a topic, a packet before CONNECT', async () => {
    for (const bytes of [
      publish({ topic: 'a', qos: 3, packetId: 1 }),
      publish({ topic: 'a/#' }),
      subscribe(1),
    ]) {
      const client = await broker.connect(level3);
      client.send(bytes);
      await client.expectClosed();
    }
  });
});
