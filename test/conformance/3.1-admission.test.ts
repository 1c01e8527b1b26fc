import { describe, expect } from '@jest/globals';
import { named } from '../../src/domain/access/principal.js';
import { testInProcess as test, unique, useBroker } from '../support/conformance-broker.js';
import { connect, pingreq, publish, subscribe } from '../support/packets.js';
import type { StartOptions } from '../support/start-broker.js';
import { madeUpPolicy } from '../support/made-up-policy.js';

/** Lets in who knows the word, and does what the other user names ask for. */
const authenticator: NonNullable<StartOptions['authenticator']> = {
  authenticate: ({ userName, password }) => {
    if (userName === 'broken') return Promise.reject(new Error('the directory is down'));
    if (userName === 'banned') return Promise.resolve({ refusal: 5 });
    const isRight = password !== undefined && Buffer.from(password).toString('latin1') === 'word\x00\xff';
    return Promise.resolve(
      isRight ? { principal: named(userName), authentication: 'password' } : { refusal: 4 },
    );
  },
};

const password = Buffer.from('word\x00\xff', 'latin1');

/** Nothing under `closed/` may be published or subscribed to; publishing to `fault/` is a bug of the policy. */
const policies: NonNullable<StartOptions['policies']> = {
  policyFor: () =>
    madeUpPolicy({
      publish: (topic) => {
        if (topic.startsWith('fault/')) throw new Error('a bug in the policy');
        return topic.startsWith('closed/');
      },
      subscribe: (filter) => filter.startsWith('closed/'),
    }),
};

describe('authentication', () => {
  const broker = useBroker({ authenticator });

  test('user name and password reach it as they were sent, and CONNACK 0 follows [MQTT-3.1.2-19] [MQTT-3.1.2-21] [MQTT-3.1.3-1] [MQTT-3.1.4-4]', async () => {
    const client = await broker.connect({ username: 'user', password });
    await client.expectSilence();
  });

  test.each([
    ['a wrong password', 4, { username: 'user', password: 'guess' }],
    ['a password cut short', 4, { username: 'user', password: password.subarray(0, 4) }],
    ['no password', 4, { username: 'user' }],
    ['no credentials', 4, {}],
    ['a user that may not connect', 5, { username: 'banned', password }],
    ['an authenticator that fails', 5, { username: 'broken', password }],
  ])(
    '%s is answered by CONNACK %i, session-present 0, and a close [MQTT-3.2.2-4] [MQTT-3.2.2-5]',
    async (_, code, fields) => {
      const clientId = unique('c');
      await broker.connect({ clientId, cleanSession: false, username: 'user', password });
      const client = await broker.open();
      client.send(connect({ clientId, cleanSession: false, ...fields }));
      expect(await client.nextFrame()).toEqual(Buffer.from([0x20, 2, 0, code]));
      await client.expectClosed();
    },
  );

  test('a refused client takes nothing over, has no will, and nothing it sent behind CONNECT counts [MQTT-3.1.4-5]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const owner = await broker.connect({ clientId, username: 'user', password });
    await owner.subscribe([topic, 0]);
    const client = await broker.open();
    client.send(
      connect({ clientId, username: 'user', password: 'guess', will: { topic, payload: 'will' } }),
      publish({ topic, payload: 'late' }),
      subscribe(1, [topic, 0]),
      pingreq(),
    );
    expect(await client.next()).toMatchObject({ returnCode: 4 });
    await client.expectClosed();
    await owner.expectSilence();
  });
});

describe('limits on who may connect', () => {
  const broker = useBroker({
    config: { limits: { clientIdBytesMax: 30, sessionsMax: 3, connectTimeoutSeconds: 1 } },
  });

  test('a client id that the broker will not take is refused with CONNACK 2 and closed [MQTT-3.1.3-9] [MQTT-3.2.2-4] [MQTT-3.2.2-5]', async () => {
    const client = await broker.open();
    client.send(connect({ clientId: 'a'.repeat(31) }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020002');
    await client.expectClosed();
    await (await broker.connect({ clientId: 'a'.repeat(30) })).expectSilence();
  });

  test('a broker that has no room left answers CONNACK 3 and closes [MQTT-3.2.2-4] [MQTT-3.2.2-5]', async () => {
    const known = Array.from({ length: 3 }, () => unique('c'));
    for (const clientId of known) await broker.connect({ clientId });
    const client = await broker.open();
    client.send(connect({ clientId: unique('c') }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020003');
    await client.expectClosed();
    await (await broker.connect({ clientId: known[0]! })).expectSilence();
  });

  test('a connection without a whole CONNECT in good time is closed without CONNACK', async () => {
    const [silent, slow] = [await broker.open(), await broker.open()];
    slow.send(connect({ clientId: unique('c') }).subarray(0, 10));
    await Promise.all([silent.expectClosed(4_000), slow.expectClosed(4_000)]);
  });
});

describe('a PUBLISH that the client may not make, acknowledged', () => {
  const broker = useBroker({ policies });

  test.each([0, 1, 2])('is answered as usual and passed on to nobody, QoS %i [MQTT-3.3.5-2]', async (qos) => {
    const client = await broker.connect();
    const watcher = await broker.connect();
    await watcher.subscribe(['#', 2]);
    await client.publish({ topic: 'closed/x', payload: 'no', qos, retain: true });
    await watcher.expectSilence();
    const later = await broker.connect();
    await later.subscribe(['#', 2]);
    await later.expectSilence();
    await client.expectSilence();
  });

  test('SUBACK has 0x80 for a refused filter and the grant for the others [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    client.send(subscribe(9, [`${base}/a`, 2], ['closed/a', 1], [`${base}/b`, 1], ['closed/#', 0]));
    expect(await client.next()).toEqual({ type: 'suback', packetId: 9, returnCodes: [2, 0x80, 1, 0x80] });
    await client.publish({ topic: `${base}/b`, payload: 'x' });
    expect(await client.nextPublish()).toMatchObject({ topic: `${base}/b` });
  });

  test('a will that the client may not publish is refused with CONNACK 5 [MQTT-3.2.2-4] [MQTT-3.2.2-5]', async () => {
    const client = await broker.open();
    client.send(connect({ clientId: unique('c'), will: { topic: 'closed/w' } }));
    expect((await client.nextFrame()).toString('hex')).toBe('20020005');
    await client.expectClosed();
  });

  test('MQTT 3.1 has no SUBACK failure: a refused filter seems granted, and nothing comes of it', async () => {
    const client = await broker.connect({ protocolName: 'MQIsdp', level: 3 });
    const [code] = await client.subscribe(['closed/a', 1]);
    expect(code).toBeLessThanOrEqual(2);
    await client.expectSilence();
  });

  test('a fault while a packet is handled closes its connection, and no other [MQTT-4.8.0-2]', async () => {
    const [client, other] = await Promise.all([broker.connect(), broker.connect()]);
    await other.subscribe(['fault/#', 0]);
    client.send(publish({ topic: 'fault/x', qos: 1, packetId: 1 }), pingreq());
    await client.expectClosed();
    await other.expectSilence();
  });
});

describe('a PUBLISH that the client may not make, cut off', () => {
  const broker = useBroker({ policies, config: { access: { onDeniedPublish: 'disconnect' } } });

  test.each([0, 1, 2])('closes the connection unacknowledged, QoS %i [MQTT-3.3.5-2]', async (qos) => {
    const watcher = await broker.connect();
    await watcher.subscribe(['#', 0]);
    const client = await broker.connect();
    client.send(publish({ topic: 'closed/x', qos, ...(qos > 0 ? { packetId: 1 } : {}) }));
    await client.expectClosed();
    await watcher.expectSilence();
  });
});
