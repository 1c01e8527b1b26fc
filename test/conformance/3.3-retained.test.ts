import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { disconnect, publish } from '../support/packets.js';
import type { ReceivedPublish } from '../support/server-packets.js';

const broker = useBroker();

const levels = [0, 1, 2] as const;
const pairs = levels.flatMap((stored) => levels.map((granted) => [stored, granted] as const));

/** What a new subscriber gets at once. */
const retainedFor = async (filter: string, count: number, qos = 2): Promise<ReceivedPublish[]> => {
  const client = await broker.connect();
  await client.subscribe([filter, qos]);
  const messages = await client.nextPublishes(count);
  for (const message of messages) await client.acknowledge(message);
  await client.expectSilence();
  return messages;
};

const keep = async (topic: string, payload: string, qos = 0): Promise<void> => {
  const client = await broker.connect();
  await client.publish({ topic, payload, qos, retain: true });
};

describe('RETAIN 1 with a payload', () => {
  test.each(pairs)(
    'keeps payload and QoS: stored at QoS %i, granted %i [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] [MQTT-3.8.4-6]',
    async (stored, granted) => {
      const topic = unique('t');
      await keep(topic, 'kept', stored);
      expect(await retainedFor(topic, 1, granted)).toMatchObject([
        { topic, payload: 'kept', retain: true, dup: false, qos: Math.min(stored, granted) },
      ]);
    },
  );

  test.each(pairs)(
    'replaces the message and the QoS of before: QoS %i, then %i [MQTT-3.3.1-5] [MQTT-3.3.1-7]',
    async (before, after) => {
      const topic = unique('t');
      await keep(topic, 'old', before);
      await keep(topic, 'new', after);
      expect(await retainedFor(topic, 1)).toMatchObject([{ payload: 'new', qos: after, retain: true }]);
    },
  );

  test('at QoS 0 always drops the message of before [MQTT-3.3.1-7]', async () => {
    const topic = unique('t');
    await keep(topic, 'old', 2);
    await keep(topic, 'new', 0);
    const payloads = (await retainedFor(topic, 1)).map(({ payload }) => payload);
    expect(payloads).toEqual(['new']);
  });

  test.each(levels)('reaches subscriptions that exist with RETAIN 0, QoS %i [MQTT-3.3.1-9]', async (qos) => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 2]);
    await client.publish({ topic, payload: 'live', qos, retain: true });
    expect(await client.nextPublish()).toMatchObject({ payload: 'live', retain: false, qos });
  });

  test('reaches an absent session as an ordinary message, RETAIN 0 [MQTT-3.3.1-9] [MQTT-3.1.2-5]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    first.send(disconnect());
    await first.expectClosed();
    await keep(topic, 'kept', 1);
    const second = await broker.connect({ clientId, cleanSession: false });
    const message = await second.nextPublish();
    expect(message).toMatchObject({ payload: 'kept', retain: false });
    await second.acknowledge(message);
    await second.expectSilence();
  });

  test('is kept for one exact topic [MQTT-3.3.1-5] [MQTT-3.3.1-6]', async () => {
    const base = unique('t');
    const topics = [base, `${base}/`, `/${base}`, `${base}/a`, `${base}/a/b`];
    for (const topic of topics) await keep(topic, topic);
    for (const topic of topics)
      expect(await retainedFor(topic, 1)).toMatchObject([{ topic, payload: topic }]);
  });

  test('stays when its publisher goes, and when the session of its publisher is wiped [MQTT-3.1.2-7]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.publish({ topic, payload: 'kept', qos: 1, retain: true });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: true });
    second.send(disconnect());
    await second.expectClosed();
    expect(await retainedFor(topic, 1)).toMatchObject([{ payload: 'kept' }]);
  });

  test('stays when the session of a subscriber ends [MQTT-3.1.2-7]', async () => {
    const topic = unique('t');
    await keep(topic, 'kept', 1);
    await retainedFor(topic, 1);
    const subscriber = await broker.connect();
    await subscriber.subscribe([topic, 1]);
    await subscriber.nextPublish();
    subscriber.send(disconnect());
    await subscriber.expectClosed();
    expect(await retainedFor(topic, 1)).toMatchObject([{ payload: 'kept' }]);
  });
});

describe('RETAIN 1 without a payload', () => {
  test.each(pairs)(
    'erases what was kept, QoS %i cleared at QoS %i [MQTT-3.3.1-10] [MQTT-3.3.1-11]',
    async (stored, cleared) => {
      const topic = unique('t');
      await keep(topic, 'kept', stored);
      const live = await broker.connect();
      await live.subscribe([topic, 2]);
      expect(await live.nextPublish()).toMatchObject({ retain: true });
      await keep(topic, '', cleared);
      expect(await live.nextPublish()).toMatchObject({ payload: '', retain: false, qos: cleared });
      expect(await retainedFor(topic, 0)).toEqual([]);
    },
  );

  test('erases that topic only [MQTT-3.3.1-10]', async () => {
    const base = unique('t');
    await keep(`${base}/a`, 'a');
    await keep(`${base}/b`, 'b');
    await keep(`${base}/a`, '');
    expect(await retainedFor(`${base}/#`, 1)).toMatchObject([{ topic: `${base}/b` }]);
  });

  test('is no error for a topic that has nothing kept [MQTT-3.3.1-10] [MQTT-3.3.1-11]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 1]);
    await client.publish({ topic, qos: 1, retain: true });
    expect(await client.nextPublish()).toMatchObject({ payload: '', retain: false });
    expect(await retainedFor(topic, 0)).toEqual([]);
  });

  test('leaves room for a new one [MQTT-3.3.1-10]', async () => {
    const topic = unique('t');
    for (const payload of ['one', '', 'two']) await keep(topic, payload);
    expect(await retainedFor(topic, 1)).toMatchObject([{ payload: 'two' }]);
  });
});

describe('RETAIN 0', () => {
  test.each(levels)('keeps nothing, QoS %i [MQTT-3.3.1-12]', async (qos) => {
    const topic = unique('t');
    await (await broker.connect()).publish({ topic, payload: 'x', qos });
    expect(await retainedFor(topic, 0)).toEqual([]);
  });

  test.each(['other', ''])('leaves the kept message alone, payload "%s" [MQTT-3.3.1-12]', async (payload) => {
    const topic = unique('t');
    await keep(topic, 'kept', 1);
    await (await broker.connect()).publish({ topic, payload, qos: 1 });
    expect(await retainedFor(topic, 1)).toMatchObject([{ payload: 'kept', qos: 1 }]);
  });
});

describe('a subscription is sent what is retained', () => {
  test('for each topic that it matches, whole trees too [MQTT-3.3.1-6] [MQTT-3.3.1-8]', async () => {
    const base = unique('t');
    const topics = [base, `${base}/a`, `${base}/a/x`, `${base}/b/x`, `${base}//x`];
    for (const topic of topics) await keep(topic, topic);
    const names = async (filter: string, count: number): Promise<string[]> =>
      (await retainedFor(filter, count)).map(({ topic }) => topic).sort();
    expect(await names(`${base}/#`, 5)).toEqual([...topics].sort());
    expect(await names(`${base}/+/x`, 3)).toEqual([`${base}//x`, `${base}/a/x`, `${base}/b/x`]);
    expect(await names(`${base}/+`, 1)).toEqual([`${base}/a`]);
    expect(await names(`+/a/${base}`, 0)).toEqual([]);
  });

  test('by each filter of one SUBSCRIBE [MQTT-3.3.1-6] [MQTT-3.8.4-4]', async () => {
    const base = unique('t');
    await keep(`${base}/a`, 'a');
    await keep(`${base}/b`, 'b');
    const client = await broker.connect();
    await client.subscribe([`${base}/a`, 0], [`${base}/none`, 0], [`${base}/b`, 0]);
    const payloads = (await client.nextPublishes(2)).map(({ payload }) => payload);
    expect(payloads).toEqual(['a', 'b']);
    await client.expectSilence();
  });

  test('again when it is repeated, and by a filter that overlaps an older one [MQTT-3.3.1-6] [MQTT-3.8.4-3]', async () => {
    const base = unique('t');
    await keep(`${base}/a`, 'a', 1);
    const client = await broker.connect();
    for (const filter of [`${base}/a`, `${base}/a`, `${base}/+`, `${base}/#`]) {
      await client.subscribe([filter, 1]);
      const message = await client.nextPublish();
      expect(message).toMatchObject({ payload: 'a', retain: true, qos: 1, dup: false });
      await client.acknowledge(message);
    }
    await client.expectSilence();
  });

  test('not when a session with subscriptions is resumed [MQTT-3.3.1-6]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    await keep(topic, 'kept');
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 0]);
    expect(await first.nextPublish()).toMatchObject({ retain: true });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    await second.expectSilence();
  });

  test('and a retained delivery that is made again keeps RETAIN 1 and its id [MQTT-3.3.1-8] [MQTT-4.4.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    await keep(topic, 'kept', 1);
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    const sent = await first.nextPublish();
    expect(sent).toMatchObject({ retain: true, dup: false });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toEqual({ ...sent, dup: true });
  });

  test('in full, also when the connection is cut before all of it went out [MQTT-3.3.1-6] [MQTT-4.1.0-1]', async () => {
    const [clientId, base] = [unique('c'), unique('t')];
    const count = 1_500;
    const client = await broker.connect();
    const topics = Array.from({ length: count }, (_, index) => `${base}/${index}`);
    client.send(
      ...topics.map((topic) => publish({ topic, payload: 'x', retain: true, qos: 1, packetId: 1 })),
    );
    for (let index = 0; index < count; index += 1) await client.take('puback');
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([`${base}/#`, 1]);
    await first.nextPublishes(5);
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    const seen = new Set<string>();
    for (; seen.size < count;) {
      const message = await second.nextPublish();
      await second.acknowledge(message);
      seen.add(message.topic);
    }
    await second.expectSilence();
  });

  test('of $ topics only by a filter that names the $ level [MQTT-4.7.2-1]', async () => {
    const name = unique('t');
    const topic = `$own/${name}`;
    await keep(topic, 'kept');
    expect(await retainedFor(`+/${name}`, 0)).toEqual([]);
    expect(await retainedFor(topic, 1)).toMatchObject([{ topic }]);
    expect(await retainedFor(`$own/${name}/#`, 1)).toMatchObject([{ topic }]);
    await keep(topic, '');
  });

  test('with the latest message only, after many changes [MQTT-3.3.1-6]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    client.send(
      ...Array.from({ length: 50 }, (_, index) => publish({ topic, payload: `${index}`, retain: true })),
    );
    await client.ping();
    expect(await retainedFor(topic, 1)).toMatchObject([{ payload: '49' }]);
  });
});
