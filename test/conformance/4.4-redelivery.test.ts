import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { connect, puback, pubcomp, publish, pubrec, pubrel } from '../support/packets.js';

const broker = useBroker();

describe('the broker as sender, after a reconnect with CleanSession 0', () => {
  test('sends unacknowledged PUBLISH and PUBREL packets again, under their ids [MQTT-4.4.0-1] [MQTT-2.3.1-4] [MQTT-3.3.1-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const publisher = await broker.connect();
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    for (const [payload, qos] of [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['d', 2],
    ] as const) {
      await publisher.publish({ topic, payload, qos });
    }
    const [a, b, c, d] = await first.nextPublishes(4);
    first.send(puback(a!.packetId), pubrec(b!.packetId));
    expect(await first.next()).toEqual({ type: 'pubrel', packetId: b!.packetId });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    const again = [await second.next(), await second.next(), await second.next()];
    expect(again).toContainEqual({ type: 'pubrel', packetId: b!.packetId });
    expect(again.filter(({ type }) => type === 'publish')).toEqual([
      { ...c, dup: true },
      { ...d, dup: true },
    ]);
    await second.expectSilence();
  });

  test('does so each time, until they are acknowledged [MQTT-4.4.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    await first.publish({ topic, payload: 'x', qos: 1 });
    const sent = await first.nextPublish();
    first.destroy();
    for (let count = 0; count < 3; count += 1) {
      const client = await broker.connect({ clientId, cleanSession: false });
      expect(await client.nextPublish()).toEqual({ ...sent, dup: true });
      client.destroy();
    }
    const last = await broker.connect({ clientId, cleanSession: false });
    await last.nextPublish();
    last.send(puback(sent.packetId));
    await last.expectSilence();
    last.destroy();
    await (await broker.connect({ clientId, cleanSession: false })).expectSilence();
  });

  test('does so on a takeover as well [MQTT-4.4.0-1] [MQTT-3.1.4-2]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload: 'x', qos: 2 });
    const sent = await first.nextPublish();
    const second = await broker.open();
    second.send(connect({ clientId, cleanSession: false }));
    expect(await second.next()).toEqual({ type: 'connack', sessionPresent: true, returnCode: 0 });
    expect(await second.next()).toEqual({ ...sent, dup: true });
    await first.expectClosed();
  });

  test('keeps the original packets byte for byte, but for DUP [MQTT-4.4.0-1] [MQTT-3.3.1-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const payload = Buffer.from([0, 255, 128, 10]);
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload, qos: 2 });
    const sent = await first.nextFrame();
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    const again = await second.nextFrame();
    expect(again[0]).toBe(sent[0]! | 0x08);
    expect(again.subarray(1)).toEqual(sent.subarray(1));
  });

  test('goes on with the rest of an exchange begun before: PUBREC and PUBCOMP in the new connection [MQTT-4.4.0-1] [MQTT-4.3.3-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 2]);
    await first.publish({ topic, payload: 'x', qos: 2 });
    const { packetId } = await first.nextPublish();
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    expect(await second.nextPublish()).toMatchObject({ packetId, dup: true });
    second.send(pubrec(packetId));
    expect(await second.next()).toEqual({ type: 'pubrel', packetId });
    second.send(pubcomp(packetId));
    await second.expectSilence();
  });

  test('gives new messages ids that are not those of the resent ones [MQTT-2.3.1-4] [MQTT-4.4.0-1]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const publisher = await broker.connect();
    const first = await broker.connect({ clientId, cleanSession: false });
    await first.subscribe([topic, 1]);
    for (let count = 0; count < 3; count += 1) await publisher.publish({ topic, qos: 1 });
    const old = (await first.nextPublishes(3)).map(({ packetId }) => packetId);
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    for (let count = 0; count < 3; count += 1) await publisher.publish({ topic, qos: 1 });
    const all = (await second.nextPublishes(6)).map(({ packetId }) => packetId);
    expect(all.slice(0, 3)).toEqual(old);
    expect(new Set(all).size).toBe(6);
  });
});

describe('the broker as receiver, after a reconnect with CleanSession 0', () => {
  test('a PUBREL that is sent again is answered with PUBCOMP, and the message delivered once [MQTT-4.4.0-1] [MQTT-4.3.3-2]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const first = await broker.connect({ clientId, cleanSession: false });
    first.send(publish({ topic, payload: 'once', qos: 2, packetId: 9 }));
    expect(await first.next()).toEqual({ type: 'pubrec', packetId: 9 });
    first.send(pubrel(9));
    expect(await first.next()).toEqual({ type: 'pubcomp', packetId: 9 });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    second.send(pubrel(9));
    expect(await second.next()).toEqual({ type: 'pubcomp', packetId: 9 });
    expect(await watcher.nextPublish()).toMatchObject({ payload: 'once' });
    await watcher.expectSilence();
  });

  test('a QoS 1 PUBLISH that is sent again is answered with PUBACK under its id [MQTT-4.4.0-1] [MQTT-4.3.2-2]', async () => {
    const [clientId, topic] = [unique('c'), unique('t')];
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 1]);
    const first = await broker.connect({ clientId, cleanSession: false });
    first.send(publish({ topic, payload: 'x', qos: 1, packetId: 31 }));
    expect(await first.next()).toEqual({ type: 'puback', packetId: 31 });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false });
    second.send(publish({ topic, payload: 'x', qos: 1, packetId: 31, dup: true }));
    expect(await second.next()).toEqual({ type: 'puback', packetId: 31 });
    expect(await watcher.nextPublishes(2)).toMatchObject([{ dup: false }, { dup: false }]);
  });
});
