import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DurableBroker, takeAndAcknowledge } from '../../support/durable-broker.js';
import {
  connect,
  disconnect,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
} from '../../support/packets.js';
import type { ReceivedPublish } from '../../support/server-packets.js';

let broker: DurableBroker;

beforeEach(async () => {
  broker = await DurableBroker.start();
}, 60_000);
afterEach(() => broker.end());

const brief = ({ payload, qos, dup, packetId }: ReceivedPublish): string =>
  `${payload} qos${qos} id${packetId}${dup ? ' dup' : ''}`;

describe('an offline session over an orderly restart', () => {
  test('gets what was queued before and after it, in order, once, with its subscription intact', async () => {
    await broker.leaveSubscription('s', 'q/#');
    const before = await broker.connectPublisher();
    for (let i = 0; i < 6; i += 1) await before.publish({ topic: 'q/1', payload: `m${i}`, qos: 1 + (i % 2) });
    await broker.restart();
    const after = await broker.connectPublisher();
    await after.publish({ topic: 'q/2', payload: 'm6', qos: 1 });
    await after.publish({ topic: 'q/2', payload: 'lost', qos: 0 });
    const { client, sessionPresent } = await broker.connect({ clientId: 's' });
    expect(sessionPresent).toBe(true);
    const taken = await takeAndAcknowledge(client, 7);
    expect(taken.map(({ payload }) => payload)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    expect(taken.map(({ qos }) => qos)).toEqual([1, 2, 1, 2, 1, 2, 1]);
    expect(taken.filter(({ dup }) => dup)).toEqual([]);
    await after.publish({ topic: 'q/3', payload: 'live', qos: 1 });
    expect(await takeAndAcknowledge(client, 1)).toMatchObject([{ payload: 'live' }]);
    client.send(disconnect());
    await client.whenClosed();
    await broker.restart();
    const again = await broker.connect({ clientId: 's' });
    expect(again.sessionPresent).toBe(true);
    await again.client.expectSilence();
    expect(await broker.count('delivery')).toBe(0);
  });

  test('is no more once its client has asked for a clean one', async () => {
    await broker.leaveSubscription('s', 'q');
    const publisher = await broker.connectPublisher();
    await publisher.publish({ topic: 'q', payload: 'm', qos: 1 });
    const clean = await broker.connect({ clientId: 's', cleanSession: true });
    clean.client.send(disconnect());
    await clean.client.whenClosed();
    await broker.restart();
    const { client, sessionPresent } = await broker.connect({ clientId: 's' });
    expect(sessionPresent).toBe(false);
    await client.expectSilence();
    expect(await broker.count('subscription')).toBe(0);
  });

  test('gets what is retained when it subscribes, and nothing that was cleared', async () => {
    const publisher = await broker.connectPublisher();
    await publisher.publish({ topic: 'r/kept', payload: 'x', qos: 1, retain: true });
    await publisher.publish({ topic: 'r/zero', payload: 'y', qos: 0, retain: true });
    await publisher.publish({ topic: 'r/gone', payload: 'z', qos: 1, retain: true });
    await publisher.publish({ topic: 'r/gone', payload: '', qos: 1, retain: true });
    await broker.restart();
    const { client } = await broker.connect({ clientId: 's' });
    await client.subscribe(['r/#', 1]);
    const found = [await client.take('publish'), await client.take('publish')];
    expect(found.map(({ topic, payload, qos, retain }) => [topic, payload, qos, retain]).sort()).toEqual([
      ['r/kept', 'x', 1, true],
      ['r/zero', 'y', 0, true],
    ]);
    await client.expectSilence();
  });
});

describe('what was in flight to a subscriber at a crash', () => {
  test('comes again with DUP, under its packet id and in order, and nothing else does', async () => {
    const { client } = await broker.connect({ clientId: 's' });
    await client.subscribe(['q', 2]);
    const publisher = await broker.connectPublisher();
    for (let i = 0; i < 6; i += 1)
      publisher.send(publish({ topic: 'q', payload: `m${i}`, qos: 1 + (i % 2), packetId: i + 1 }));
    const sent: ReceivedPublish[] = [];
    while (sent.length < 6) sent.push(await client.take('publish'));
    for (let i = 0; i < 3; i += 1) await publisher.take('puback');
    for (let i = 0; i < 3; i += 1) await publisher.take('pubrec');
    const [, , settled] = sent;
    client.send(puback(settled!.packetId));
    await client.ping();
    // The sender of a message that is committed behind the acknowledgement knows that this is, too.
    await publisher.publish({ topic: 'q', payload: 'm6', qos: 1 });
    sent.push(await client.take('publish'));
    await broker.crash();
    await (await broker.connectPublisher()).publish({ topic: 'q', payload: 'new', qos: 1 });
    const again = (await broker.connect({ clientId: 's' })).client;
    const resent: string[] = [];
    while (resent.length < 7) resent.push(brief(await again.take('publish')));
    const expected = sent.filter((message) => message !== settled).map((m) => brief({ ...m, dup: true }));
    expect(resent.slice(0, -1)).toEqual(expected);
    expect(resent.at(-1)).toMatch(/^new qos1 id\d+$/);
  });

  test('at QoS 2 goes on from where it was: PUBREL after PUBREC, PUBLISH before it', async () => {
    const { client } = await broker.connect({ clientId: 's' });
    await client.subscribe(['q', 2]);
    const publisher = await broker.connectPublisher();
    for (const payload of ['released', 'sent']) await publisher.publish({ topic: 'q', payload, qos: 2 });
    const [released, sent] = await client.nextPublishes(2);
    client.send(pubrec(released!.packetId));
    await client.take('pubrel');
    await broker.crash();
    const again = (await broker.connect({ clientId: 's' })).client;
    expect(await again.next()).toEqual({ type: 'pubrel', packetId: released!.packetId });
    expect(await again.next()).toEqual({ ...sent!, dup: true });
    again.send(pubcomp(released!.packetId));
    await again.acknowledge(sent!);
    await again.ping();
    await broker.restart();
    const last = (await broker.connect({ clientId: 's' })).client;
    await last.expectSilence();
    expect(await broker.count('delivery')).toBe(0);
  });

  test('and then again comes with DUP after a second crash, whether the client was back or not', async () => {
    const { client } = await broker.connect({ clientId: 's' });
    await client.subscribe(['q', 1]);
    const publisher = await broker.connectPublisher();
    for (let i = 0; i < 3; i += 1) await publisher.publish({ topic: 'q', payload: `m${i}`, qos: 1 });
    const sent = await client.nextPublishes(3);
    await broker.crash();
    await broker.crash();
    const back = (await broker.connect({ clientId: 's' })).client;
    expect((await back.nextPublishes(3)).map(brief)).toEqual(sent.map((m) => brief({ ...m, dup: true })));
    back.send(disconnect());
    await back.whenClosed();
    await broker.restart();
    const last = (await broker.connect({ clientId: 's' })).client;
    expect((await last.nextPublishes(3)).map(brief)).toEqual(sent.map((m) => brief({ ...m, dup: true })));
  });
});

describe('what a publisher was told before a crash', () => {
  test('is kept: every acknowledged message reaches an offline session', async () => {
    await broker.leaveSubscription('s', 'q');
    const publisher = await broker.connectPublisher();
    const acknowledged: string[] = [];
    for (let i = 1; i <= 3000; i += 1)
      publisher.send(publish({ topic: 'q', payload: `m${i}`, qos: 1, packetId: i }));
    while (acknowledged.length < 1200) acknowledged.push(`m${(await publisher.take('puback')).packetId}`);
    await broker.crash();
    const { client } = await broker.connect({ clientId: 's' });
    const taken = await takeAndAcknowledge(client, acknowledged.length);
    expect(taken.map(({ payload }) => payload)).toEqual(acknowledged);
  });

  test('at QoS 2 is not taken twice: PUBREC for a repeat, PUBCOMP for its end, and then a new message', async () => {
    await broker.leaveSubscription('s', 'q');
    const { client: publisher } = await broker.connect({ clientId: 'p' });
    publisher.send(publish({ topic: 'q', payload: 'received', qos: 2, packetId: 7 }));
    await publisher.take('pubrec');
    publisher.send(publish({ topic: 'q', payload: 'complete', qos: 2, packetId: 8 }));
    await publisher.take('pubrec');
    publisher.send(pubrel(8));
    await publisher.take('pubcomp');
    await broker.crash();
    const { client: back, sessionPresent } = await broker.connect({ clientId: 'p' });
    expect(sessionPresent).toBe(true);
    back.send(publish({ topic: 'q', payload: 'received', qos: 2, packetId: 7, dup: true }));
    expect(await back.next()).toEqual({ type: 'pubrec', packetId: 7 });
    for (const packetId of [7, 8]) {
      back.send(pubrel(packetId));
      expect(await back.next()).toEqual({ type: 'pubcomp', packetId });
      back.send(publish({ topic: 'q', payload: `new ${packetId}`, qos: 2, packetId }));
      expect(await back.next()).toEqual({ type: 'pubrec', packetId });
    }
    const { client } = await broker.connect({ clientId: 's' });
    const taken = await takeAndAcknowledge(client, 4);
    expect(taken.map(({ payload }) => payload)).toEqual(['received', 'complete', 'new 7', 'new 8']);
    await client.expectSilence();
  });

  test('in SUBACK, UNSUBACK and CONNACK holds', async () => {
    const { client } = await broker.connect({ clientId: 's' });
    expect(await client.subscribe(['kept', 1], ['left', 1])).toEqual([1, 1]);
    client.send(Buffer.from([0xa2, 8, 0, 99, 0, 4, ...Buffer.from('left')]));
    await client.take('unsuback');
    await broker.crash();
    const publisher = await broker.connectPublisher();
    for (const topic of ['left', 'kept']) await publisher.publish({ topic, payload: topic, qos: 1 });
    const { client: back, sessionPresent } = await broker.connect({ clientId: 's' });
    expect(sessionPresent).toBe(true);
    expect(await back.nextPublish()).toMatchObject({ payload: 'kept' });
    await back.expectSilence();
  });
});

describe('wills over a crash', () => {
  test('of clients that it cut off are published once by the next broker; of those that left, never', async () => {
    await broker.leaveSubscription('s', 'will/#', 1);
    const will = (name: string) => ({
      topic: `will/${name}`,
      payload: name,
      qos: 1,
      retain: name === 'durable',
    });
    await broker.connect({ clientId: 'durable', will: will('durable') });
    await broker.connect({ clientId: 'clean', cleanSession: true, will: will('clean') });
    const { client: polite } = await broker.connect({ clientId: 'polite', will: will('polite') });
    polite.send(disconnect());
    await polite.whenClosed();
    const { client: lost } = await broker.connect({ clientId: 'lost', will: will('lost') });
    lost.destroy();
    // The wills of a clean session and of a lost client become durable without an answer: this is behind them.
    const publisher = await broker.connectPublisher();
    await publisher.publish({ topic: 'will/marker', payload: 'marker', qos: 1 });
    await publisher.publish({ topic: 'will/marker', payload: 'marker', qos: 1 });
    await broker.crash();
    await broker.crash();
    const { client } = await broker.connect({ clientId: 's' });
    const taken = await takeAndAcknowledge(client, 5);
    const payloads = taken.map(({ payload }) => payload);
    expect(payloads.filter((payload) => payload === 'marker')).toHaveLength(2);
    expect(payloads.filter((payload) => payload !== 'marker').sort()).toEqual(['clean', 'durable', 'lost']);
    await client.expectSilence();
    await client.subscribe(['will/durable', 1]);
    expect(await client.take('publish')).toMatchObject({ payload: 'durable', retain: true });
    expect(await broker.count('will')).toBe(0);
  });
});

describe('while the database is away', () => {
  test('QoS 0 and volatile traffic go on, durable publishes wait, and durable clients are refused', async () => {
    await broker.leaveSubscription('s', 'q');
    const publisher = await broker.connectPublisher();
    const { client: listener } = await broker.connect({ clientId: 'v', cleanSession: true });
    await listener.subscribe(['q', 1], ['z', 1]);
    broker.interruptDatabase();
    publisher.send(publish({ topic: 'q', payload: 'waits', qos: 1, packetId: 1 }));
    expect(await listener.take('publish')).toMatchObject({ payload: 'waits' });
    publisher.send(publish({ topic: 'z', payload: 'zero', qos: 0 }));
    publisher.send(subscribe(2, ['other', 1]));
    await publisher.take('suback');
    expect(await listener.take('publish')).toMatchObject({ payload: 'zero' });
    const other = await broker.open();
    other.send(connect({ clientId: 'd', cleanSession: false }));
    expect(await other.take('connack')).toMatchObject({ returnCode: 3 });
    const clean = await broker.connect({ clientId: 'c', cleanSession: true });
    await clean.client.ping();
    await publisher.expectSilence();
    broker.restoreDatabase();
    expect(await publisher.take('puback')).toMatchObject({ packetId: 1 });
    const { client } = await broker.connect({ clientId: 's' });
    expect(await takeAndAcknowledge(client, 1)).toMatchObject([{ payload: 'waits' }]);
  });
});
