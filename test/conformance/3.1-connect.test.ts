import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, unique, useBroker } from '../support/conformance-broker.js';
import {
  connect,
  connectOf,
  disconnect,
  field,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
} from '../support/packets.js';

const broker = useBroker();

const accepted = { type: 'connack', sessionPresent: false, returnCode: 0 };

/** Sends the bytes as the first of a connection, which the broker has to close without a word. */
const closedWithoutConnack = async (...packets: Buffer[]): Promise<void> => {
  const client = await broker.open();
  client.send(...packets);
  await client.expectClosed();
};

const username = 0x80;
const password = 0x40;
const willFlag = 0x04;
const clean = 0x02;

describe('CONNECT comes first and once', () => {
  test.each([
    ['PUBLISH', publish({ topic: 'a' })],
    ['PUBACK', puback(1)],
    ['PUBREC', pubrec(1)],
    ['PUBREL', pubrel(1)],
    ['PUBCOMP', pubcomp(1)],
    ['SUBSCRIBE', subscribe(1, ['a', 0])],
    ['UNSUBSCRIBE', unsubscribe(1, 'a')],
    ['PINGREQ', pingreq()],
    ['DISCONNECT', disconnect()],
  ])(
    '%s as the first packet closes the connection unanswered [MQTT-3.1.0-1] [MQTT-3.2.0-1]',
    async (_, packet) => {
      await closedWithoutConnack(packet);
    },
  );

  test('a PUBLISH before CONNECT is not passed on [MQTT-3.1.0-1]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    await closedWithoutConnack(publish({ topic }), connect({ clientId: unique('c') }));
    await watcher.expectSilence();
  });

  test('a second CONNECT closes the connection, and the will is published [MQTT-3.1.0-2] [MQTT-3.1.2-8]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const clientId = unique('c');
    const client = await broker.connect({ clientId, will: { topic, payload: 'twice' } });
    client.send(connect({ clientId }));
    await client.expectClosed();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'twice' });
  });

  test('a second CONNECT under another client id closes the connection as well [MQTT-3.1.0-2]', async () => {
    const client = await broker.connect();
    client.send(connect({ clientId: unique('c') }));
    await client.expectClosed();
  });
});

describe('protocol name and level', () => {
  test.each(['MQTX', 'mqtt', 'MQTTS', 'MQT', '', 'MQIsdP', 'HTTP/1.1'])(
    'protocol name "%s" is not served: closed without CONNACK [MQTT-3.1.2-1] [MQTT-3.2.2-6]',
    async (protocolName) => {
      await closedWithoutConnack(connect({ protocolName, clientId: unique('c') }));
    },
  );

  test.each([0, 1, 2, 3, 5, 6, 0x7f, 0x83, 0x84, 0xff])(
    'protocol level %i is answered by CONNACK 1, session-present 0, and a close [MQTT-3.1.2-2] [MQTT-3.2.2-4] [MQTT-3.2.2-5]',
    async (level) => {
      const client = await broker.open();
      client.send(connect({ level, clientId: unique('c') }));
      expect((await client.nextFrame()).toString('hex')).toBe('20020001');
      await client.expectClosed();
    },
  );

  test('a CONNECT of MQTT 5.0 with its property fields is answered by CONNACK 1 [MQTT-3.1.2-2]', async () => {
    const client = await broker.open();
    const sessionExpiry = Buffer.from('051100000010', 'hex');
    client.send(connectOf(clean, [sessionExpiry, field(unique('c'))], { level: 5 }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020001');
    await client.expectClosed();
  });
});

describe('connect flags and payload agree', () => {
  const id = (): Buffer => field(unique('c'));

  test('the reserved flag set closes the connection without CONNACK [MQTT-3.1.2-3] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | 1, [id()]));
  });

  test('will flag 1 without will fields closes the connection [MQTT-3.1.2-9] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | willFlag, [id()]));
    await closedWithoutConnack(connectOf(clean | willFlag, [id(), field('topic')]));
  });

  test.each([
    ['will QoS 1', 0x08, '[MQTT-3.1.2-11] [MQTT-3.1.2-13]'],
    ['will QoS 2', 0x10, '[MQTT-3.1.2-11] [MQTT-3.1.2-13]'],
    ['will QoS 3', 0x18, '[MQTT-3.1.2-11] [MQTT-3.1.2-13]'],
    ['will retain', 0x20, '[MQTT-3.1.2-11] [MQTT-3.1.2-15]'],
  ])('%s (%i) with will flag 0 closes the connection %s', async (_, flag) => {
    await closedWithoutConnack(connectOf(clean | flag, [id()]));
    await closedWithoutConnack(connectOf(clean | flag, [id(), field('topic'), field('payload')]));
  });

  test('will fields with will flag 0 close the connection [MQTT-3.1.2-11] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean, [id(), field('topic'), field('payload')]));
  });

  test.each([false, true])(
    'will QoS 3 closes the connection, will retain %s [MQTT-3.1.2-14]',
    async (retain) => {
      await closedWithoutConnack(connect({ clientId: unique('c'), will: { topic: 'w', qos: 3, retain } }));
    },
  );

  test('a user name field with user name flag 0 closes the connection [MQTT-3.1.2-18] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean, [id(), field('user')]));
  });

  test('user name flag 1 without the field closes the connection [MQTT-3.1.2-19] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | username, [id()]));
  });

  test('a password field with password flag 0 closes the connection [MQTT-3.1.2-20] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | username, [id(), field('user'), field('pass')]));
  });

  test('password flag 1 without the field closes the connection [MQTT-3.1.2-21] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | username | password, [id(), field('user')]));
  });

  test('a password without a user name closes the connection [MQTT-3.1.2-22] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean | password, [id(), field('pass')]));
    await closedWithoutConnack(connectOf(clean | password, [id(), field('user'), field('pass')]));
  });

  test('a CONNECT without a client id field closes the connection [MQTT-3.1.3-3] [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean, []));
  });

  test('a CONNECT that ends before its keep alive closes the connection [MQTT-3.1.4-1]', async () => {
    await forEachAtOnce(
      [
        '1000',
        '10020004',
        '100600044d515454',
        '100700044d51545404',
        '100800044d5154540402',
        '100900044d515454040200',
      ],
      (hex) => closedWithoutConnack(Buffer.from(hex, 'hex')),
    );
  });

  test('bytes after the last field close the connection [MQTT-3.1.4-1]', async () => {
    await closedWithoutConnack(connectOf(clean, [id(), Buffer.from([0])]));
  });

  test.each([
    ['no optional field', '[MQTT-3.1.4-4] [MQTT-3.1.3-3]', {}],
    ['a will', '[MQTT-3.1.4-4] [MQTT-3.1.2-9]', { will: { topic: 'w', payload: 'm', qos: 2 } }],
    ['a user name', '[MQTT-3.1.4-4] [MQTT-3.1.2-19]', { username: 'user' }],
    ['an empty user name and password', '[MQTT-3.1.4-4] [MQTT-3.1.2-21]', { username: '', password: '' }],
    [
      'every field',
      '[MQTT-3.1.4-4] [MQTT-3.1.3-1]',
      { will: { topic: 'w', payload: '', qos: 1 }, username: 'user', password: 'pass' },
    ],
  ])('a CONNECT with %s is accepted %s', async (_, _ids, fields) => {
    const client = await broker.open();
    client.send(connect({ clientId: unique('c'), ...fields }));
    expect(await client.next()).toEqual(accepted);
    client.send(disconnect());
    await client.expectClosed();
  });

  test('the fields are read in their order: id, will topic, will message, user name, password [MQTT-3.1.3-1] [MQTT-3.1.3-3]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const fields = { clientId, cleanSession: false, username: 'user', password: 'pass' };
    const client = await broker.connect({ ...fields, will: { topic, payload: 'message' } });
    client.destroy();
    expect(await watcher.nextPublish()).toMatchObject({ topic, payload: 'message' });
    const again = await broker.open();
    again.send(connect(fields));
    expect(await again.next()).toEqual({ ...accepted, sessionPresent: true });
  });
});

describe('packets behind CONNECT', () => {
  test('are handled in order after acceptance, and CONNACK is the first answer [MQTT-3.2.0-1]', async () => {
    const topic = unique('t');
    const client = await broker.open();
    client.send(
      connect({ clientId: unique('c') }),
      subscribe(1, [topic, 0]),
      publish({ topic, payload: 'first' }),
      unsubscribe(2, topic),
      publish({ topic, payload: 'second' }),
      pingreq(),
    );
    expect(await client.next()).toEqual(accepted);
    expect(await client.next()).toEqual({ type: 'suback', packetId: 1, returnCodes: [0] });
    expect(await client.next()).toMatchObject({ type: 'publish', payload: 'first' });
    expect(await client.next()).toEqual({ type: 'unsuback', packetId: 2 });
    expect(await client.next()).toEqual({ type: 'pingresp' });
  });

  test('DISCONNECT right behind CONNECT and PUBLISH loses nothing, and no will is published', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.open();
    client.send(
      connect({ clientId: unique('c'), will: { topic, payload: 'will' } }),
      publish({ topic, payload: 'message' }),
      disconnect(),
    );
    expect(await client.next()).toEqual(accepted);
    await client.expectClosed();
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'message' });
    await watcher.expectSilence();
  });

  test.each([
    ['an unsupported level', 1, { level: 6, clientId: 'x' }],
    ['an empty id with CleanSession 0', 2, { clientId: '', cleanSession: false }],
  ])('are dropped after %s was refused with code %i [MQTT-3.1.4-5]', async (_, code, fields) => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const client = await broker.open();
    client.send(
      connect({ ...fields, will: { topic, payload: 'will' } }),
      subscribe(1, [topic, 0]),
      publish({ topic, payload: 'late' }),
      publish({ topic, payload: 'late', qos: 1, packetId: 1 }),
      pingreq(),
    );
    expect(await client.next()).toEqual({ type: 'connack', sessionPresent: false, returnCode: code });
    await client.expectClosed();
    await watcher.expectSilence();
  });

  test('are dropped after a malformed CONNECT [MQTT-3.1.4-1] [MQTT-3.1.4-5]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const malformed = connectOf(clean | 1 | willFlag, [field(unique('c')), field(topic), field('will')]);
    await closedWithoutConnack(malformed, publish({ topic, payload: 'late' }));
    await watcher.expectSilence();
  });
});
