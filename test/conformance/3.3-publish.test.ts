import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { disconnect, pingreq, publish, pubrel } from '../support/packets.js';

const broker = useBroker();

const levels = [0, 1, 2] as const;
const pairs = levels.flatMap((sent) => levels.map((granted) => [sent, granted] as const));

describe('PUBLISH flags', () => {
  test('QoS 3 closes the connection, whatever the other flags [MQTT-3.3.1-4]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 2]);
    for (const [dup, retain] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const client = await broker.connect();
      client.send(publish({ topic, qos: 3, packetId: 1, dup: dup === true, retain: retain === true }));
      await client.expectClosed();
    }
    await watcher.expectSilence();
  });

  test('DUP with QoS 0 closes the connection [MQTT-3.3.1-2] [MQTT-4.3.1-1]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 2]);
    const client = await broker.connect();
    client.send(publish({ topic, dup: true }));
    await client.expectClosed();
    await watcher.expectSilence();
  });

  test('the broker sends QoS 0 with DUP 0, also for a QoS 1 message that came with DUP 1 [MQTT-3.3.1-2] [MQTT-3.3.1-3] [MQTT-4.3.1-1]', async () => {
    const topic = unique('t');
    const client = await broker.connect();
    await client.subscribe([topic, 0]);
    await client.publish({ topic, payload: 'x' });
    await client.publish({ topic, payload: 'y', qos: 1, dup: true });
    expect(await client.nextFrame()).toEqual(publish({ topic, payload: 'x' }));
    expect(await client.nextFrame()).toEqual(publish({ topic, payload: 'y' }));
  });

  test.each([1, 2])(
    'DUP of a QoS %i publisher is not passed on: the first delivery has DUP 0 [MQTT-3.3.1-3]',
    async (qos) => {
      const topic = unique('t');
      const client = await broker.connect();
      await client.subscribe([topic, 2]);
      await client.publish({ topic, payload: 'x', qos, dup: true });
      expect(await client.nextPublish()).toMatchObject({ payload: 'x', qos, dup: false });
    },
  );

  test.each([1, 2])(
    'a QoS %i message delivered again after a reconnect has DUP 1 [MQTT-3.3.1-1]',
    async (qos) => {
      const [clientId, topic] = [unique('c'), unique('t')];
      const first = await broker.connect({ clientId, cleanSession: false });
      await first.subscribe([topic, 2]);
      await first.publish({ topic, payload: 'x', qos });
      const sent = await first.nextPublish();
      expect(sent.dup).toBe(false);
      first.destroy();
      const second = await broker.connect({ clientId, cleanSession: false });
      expect(await second.nextPublish()).toEqual({ ...sent, dup: true });
    },
  );

  test('a message that waited for its first delivery has DUP 0 [MQTT-3.3.1-1] [MQTT-3.3.1-3]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    first.send(disconnect());
    await first.expectClosed();
    const publisher = await broker.connect();
    await publisher.publish({ topic, payload: 'x', qos: 1, dup: true });
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toMatchObject({ payload: 'x', dup: false });
  });
});

describe('PUBLISH topic and payload', () => {
  test('the topic comes first and is passed on as it is, with the payload behind it [MQTT-3.3.2-1]', async () => {
    const client = await broker.connect();
    const topic = `/${unique('t')}//größe \u{1f600}/`;
    await client.subscribe([topic, 0]);
    for (const payload of ['', 'x', Buffer.from([...Array(256).keys()])]) {
      client.send(publish({ topic, payload }));
      expect(await client.nextFrame()).toEqual(publish({ topic, payload }));
    }
  });

  test.each(['#', '+', 'a/#', 'a/+/b', '/+', 'a#', 'a+b', '$SYS/#'])(
    'a wildcard in the topic "%s" closes the connection [MQTT-3.3.2-2] [MQTT-4.7.1-1]',
    async (topic) => {
      for (const qos of levels) {
        const client = await broker.connect();
        client.send(publish(qos === 0 ? { topic } : { topic, qos, packetId: 1 }));
        await client.expectClosed();
      }
    },
  );

  test('what a subscriber with wildcards receives matches its filter and names the topic [MQTT-3.3.2-2] [MQTT-3.3.2-3]', async () => {
    const base = unique('t');
    const client = await broker.connect();
    await client.subscribe([`${base}/+/x`, 0]);
    for (const topic of [`${base}/a/x`, `${base}/a/y`, `${base}/x`, `${base}//x`, `${base}/a/x/y`]) {
      await client.publish({ topic });
    }
    expect((await client.nextPublishes(2)).map(({ topic }) => topic)).toEqual([`${base}/a/x`, `${base}//x`]);
    await client.expectSilence();
  });
});

describe('PUBLISH is answered by its QoS', () => {
  test('QoS 0: nothing [MQTT-3.3.4-1]', async () => {
    const client = await broker.connect();
    client.send(publish({ topic: unique('t'), payload: 'x' }));
    await client.expectSilence();
  });

  test('QoS 1: one PUBACK [MQTT-3.3.4-1]', async () => {
    const client = await broker.connect();
    client.send(publish({ topic: unique('t'), qos: 1, packetId: 77 }));
    expect(await client.next()).toEqual({ type: 'puback', packetId: 77 });
    await client.expectSilence();
  });

  test('QoS 2: one PUBREC [MQTT-3.3.4-1]', async () => {
    const client = await broker.connect();
    client.send(publish({ topic: unique('t'), qos: 2, packetId: 78 }));
    expect(await client.next()).toEqual({ type: 'pubrec', packetId: 78 });
    await client.expectSilence();
    client.send(pubrel(78));
    expect(await client.next()).toEqual({ type: 'pubcomp', packetId: 78 });
  });

  test.each(levels)(
    'whether anybody subscribes or not, and to the publisher itself too, QoS %i',
    async (qos) => {
      const topic = unique('t');
      const client = await broker.connect();
      await client.publish({ topic, qos });
      await client.subscribe([topic, qos]);
      await client.publish({ topic, payload: 'own', qos });
      expect(await client.nextPublish()).toMatchObject({ payload: 'own', qos });
    },
  );
});

describe('overlapping subscriptions of one client', () => {
  test.each(pairs)(
    'give one copy at the highest granted QoS: published at %i, granted %i and 0 [MQTT-3.3.5-1] [MQTT-3.8.4-6]',
    async (sent, granted) => {
      const base = unique('t');
      const client = await broker.connect();
      await client.subscribe([`${base}/#`, 0], [`${base}/a`, granted], [`${base}/+`, 0]);
      await client.publish({ topic: `${base}/a`, qos: sent });
      expect(await client.nextPublish()).toMatchObject({ qos: Math.min(sent, granted) });
      await client.expectSilence();
    },
  );

  test('give one copy at QoS 2 for TopicA/# at 2 and TopicA/+ at 1, in either order [MQTT-3.3.5-1]', async () => {
    for (const order of [
      [2, 1],
      [1, 2],
    ] as const) {
      const base = unique('t');
      const client = await broker.connect();
      await client.subscribe([`${base}/#`, order[0]], [`${base}/+`, order[1]]);
      await client.publish({ topic: `${base}/C`, qos: 2 });
      expect(await client.nextPublish()).toMatchObject({ qos: 2 });
      await client.expectSilence();
    }
  });

  test('give one copy to an absent session as well [MQTT-3.3.5-1] [MQTT-3.1.2-5]', async () => {
    const [clientId, base] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([`${base}/#`, 0], [`${base}/+`, 1], [`${base}/a`, 2]);
    first.send(disconnect());
    await first.expectClosed();
    await (await broker.connect()).publish({ topic: `${base}/a`, payload: 'x', qos: 2 });
    const second = await broker.connect({ clientId, cleanSession: false });
    const message = await second.nextPublish();
    expect(message).toMatchObject({ payload: 'x', qos: 2 });
    await second.acknowledge(message);
    await second.expectSilence();
  });

  test('are counted per client: each client has its own copy [MQTT-3.3.5-1] [MQTT-4.5.0-1]', async () => {
    const base = unique('t');
    const clients = await Promise.all([broker.connect(), broker.connect()]);
    await clients[0].subscribe([`${base}/#`, 1], [`${base}/a`, 0]);
    await clients[1].subscribe([`${base}/a`, 0]);
    await clients[0].publish({ topic: `${base}/a`, qos: 1 });
    expect(await clients[0].take('publish')).toMatchObject({ qos: 1 });
    expect(await clients[1].nextPublish()).toMatchObject({ qos: 0 });
    for (const client of clients) await client.expectSilence();
  });
});

describe('client publications to $SYS', () => {
  test.each(levels)('are acknowledged and passed on to nobody, QoS %i', async (qos) => {
    const topic = `$SYS/${unique('t')}`;
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 2]);
    const client = await broker.connect();
    await client.publish({ topic, payload: 'forged', qos, retain: true });
    client.send(pingreq());
    expect(await client.next()).toEqual({ type: 'pingresp' });
    await watcher.expectSilence();
    await watcher.subscribe([topic, 2]);
    await watcher.expectSilence();
  });

  test('to another $ topic are not seen by a filter that begins with a wildcard, and the connection stays', async () => {
    const name = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([`+/${name}`, 2], [`#`, 2]);
    const client = await broker.connect();
    await client.publish({ topic: `$TopicA/${name}`, qos: 1 });
    await client.publish({ topic: `end/${name}` });
    let message = await watcher.nextPublish();
    while (message.topic !== `end/${name}`) {
      expect(message.topic).not.toContain('$TopicA');
      message = await watcher.nextPublish();
    }
  });
});
