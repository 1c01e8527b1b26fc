import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { PostgresAuditReader } from '../../../src/adapters/postgres/audit-reader.js';
import { type MessageQuery, TraceMessages } from '../../../src/application/audit/trace-messages.js';
import type { MessageStory } from '../../../src/domain/audit/message-story.js';
import { DurableBroker, takeAndAcknowledge } from '../../support/durable-broker.js';
import { disconnect, publish, pubrec } from '../../support/packets.js';

const config = { audit: { messages: ['t/#'] }, limits: { queueMessagesMax: 3 } };
let broker: DurableBroker;

beforeEach(async () => {
  broker = await DurableBroker.start({ config });
}, 60_000);
afterEach(() => broker.end());

async function stories(query: Partial<MessageQuery> = {}, openMax?: number): Promise<MessageStory[]> {
  const trace = new TraceMessages(new PostgresAuditReader(broker.sql), openMax);
  const all: MessageStory[] = [];
  for await (const some of trace.trace({ topic: 't/#', ...query })) all.push(...some);
  return all;
}

/** Waits for what nobody is told of: records that are committed within a second. */
async function storiesOnce(isSo: (all: MessageStory[]) => boolean): Promise<MessageStory[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const all = await stories();
    if (isSo(all) || Date.now() > deadline) return all;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const statesOf = (story: MessageStory | undefined): string[] =>
  (story?.receivers ?? []).map(({ clientId, state, reason }) =>
    [clientId, state, reason].filter((part) => part !== undefined).join(' '),
  );

describe('the story of a message', () => {
  test('is known, with its publisher and digest, by the time that its sender is acknowledged', async () => {
    const { client } = await broker.connect({ clientId: 'pump' });
    await client.publish({ topic: 't/1', payload: 'secret', qos: 1 });
    const [story] = await stories();
    const digest = createHash('sha256').update('secret').digest('base64url');
    expect(story).toMatchObject({
      topic: 't/1',
      qos: 1,
      retain: false,
      bytes: 6,
      sha256: digest,
      receivers: [],
    });
    expect(story?.publisher).toMatchObject({ clientId: 'pump', address: '127.0.0.1' });
    expect(JSON.stringify(await broker.sql`select details from surety.audit_event`)).not.toContain('secret');
  });

  test('ends with what its receivers have acknowledged, at each quality', async () => {
    const { client: receiver } = await broker.connect({ clientId: 's' });
    await receiver.subscribe(['t/#', 2]);
    const publisher = await broker.connectPublisher();
    for (const qos of [0, 1, 2] as const)
      publisher.send(publish({ topic: `t/${qos}`, payload: 'm', qos, packetId: qos }));
    await takeOne(receiver, 0);
    await takeAndAcknowledge(receiver, 2);
    const all = await storiesOnce(
      (told) => told.filter(({ receivers }) => receivers[0]?.state === 'acknowledged').length === 2,
    );
    const byTopic = new Map(all.map((story) => [story.topic, story]));
    expect(statesOf(byTopic.get('t/0'))).toEqual(['s delivered']);
    expect(statesOf(byTopic.get('t/1'))).toEqual(['s acknowledged']);
    expect(statesOf(byTopic.get('t/2'))).toEqual(['s acknowledged']);
    for (const { atMs, receivers } of all) {
      expect(receivers[0]?.deliveredAtMs).toBeGreaterThanOrEqual(atMs);
    }
  });

  test('goes on over a crash, for whoever was away when it was published', async () => {
    await broker.leaveSubscription('s', 't/#', 1);
    await (await broker.connectPublisher()).publish({ topic: 't/1', payload: 'm', qos: 1 });
    expect(statesOf((await stories())[0])).toEqual(['s waiting']);
    await broker.crash();
    const { client } = await broker.connect({ clientId: 's' });
    await takeAndAcknowledge(client, 1);
    const all = await storiesOnce(([story]) => story?.receivers[0]?.state === 'acknowledged');
    expect(all).toHaveLength(1);
    expect(all[0]?.receivers[0]?.deliveredAtMs).toBeDefined();
  });

  test('tells sessions apart that came one after the other, over restarts', async () => {
    for (const round of [1, 2]) {
      await broker.leaveSubscription('s', 't/#', 1);
      await (await broker.connectPublisher()).publish({ topic: `t/${round}`, payload: 'm', qos: 1 });
      await broker.restart();
      const { client } = await broker.connect({ clientId: 's', cleanSession: true });
      client.send(disconnect());
      await client.whenClosed();
      await broker.restart();
    }
    const all = await stories();
    expect(all.map(statesOf)).toEqual([
      ['s dropped session_deleted: clean_session'],
      ['s dropped session_deleted: clean_session'],
    ]);
    expect(new Set(all.map(({ receivers }) => receivers[0]?.session)).size).toBe(2);
  });

  test('ends with why it was dropped', async () => {
    await broker.leaveSubscription('away', 't/#', 1);
    const publisher = await broker.connectPublisher();
    publisher.send(publish({ topic: 't/0', payload: 'm', qos: 0 }));
    for (let i = 1; i <= 5; i += 1) await publisher.publish({ topic: `t/${i}`, payload: 'm', qos: 1 });
    const all = await storiesOnce(
      (told) => told.filter((story) => story.receivers[0]?.state === 'dropped').length === 3,
    );
    expect(all.map((story) => statesOf(story)[0])).toEqual([
      'away dropped offline',
      ...['away dropped queue_full', 'away dropped queue_full'],
      ...['away waiting', 'away waiting', 'away waiting'],
    ]);
  });

  test('ends for a clean session with its connection', async () => {
    const { client } = await broker.connect({ clientId: 'c', cleanSession: true });
    await client.subscribe(['t/#', 2]);
    await (await broker.connectPublisher()).publish({ topic: 't/1', payload: 'm', qos: 2 });
    const message = await client.take('publish');
    client.send(pubrec(message.packetId));
    client.send(disconnect());
    const all = await storiesOnce(([story]) => story?.receivers[0]?.state === 'dropped');
    expect(all.map(statesOf)).toEqual([['c dropped session_ended']]);
  });

  test('ends for a clean session with the broker', async () => {
    const { client } = await broker.connect({ clientId: 'c', cleanSession: true });
    await client.subscribe(['t/#', 1]);
    await (await broker.connectPublisher()).publish({ topic: 't/1', payload: 'm', qos: 1 });
    await broker.crash();
    const [story] = await storiesOnce(([told]) => told?.receivers[0]?.state === 'dropped');
    expect(statesOf(story)).toEqual(['c dropped broker_ended']);
  });

  test('is told of a will, and of a retained message that answers a subscription', async () => {
    const will = { topic: 't/will', payload: 'gone', qos: 1 as const, retain: true };
    const { client } = await broker.connect({ clientId: 'dying', will });
    client.destroy();
    await storiesOnce((told) => told.length === 1);
    for (const [clientId, cleanSession] of [
      ['late', false],
      ['clean', true],
    ] as const) {
      const late = await broker.connect({ clientId, cleanSession });
      await late.client.subscribe(['t/#', 1]);
      await takeAndAcknowledge(late.client, 1);
    }
    const all = await storiesOnce(
      (told) => told.filter((story) => story.receivers[0]?.state === 'acknowledged').length === 2,
    );
    expect(all.map(({ origin }) => origin)).toEqual(['will', 'retained', 'retained']);
    expect(all.map(({ publisher }) => publisher['clientId'])).toEqual(['dying', undefined, undefined]);
    expect(new Set(all.map(({ sha256 }) => sha256)).size).toBe(1);
  });
});

describe('which stories are told', () => {
  test('those on topics that are followed, and that match', async () => {
    const { client } = await broker.connect({ clientId: 'pump' });
    for (const topic of ['t/a', 'u/a', 't/b']) await client.publish({ topic, payload: 'm', qos: 1 });
    expect((await stories({ topic: '#' })).map(({ topic }) => topic)).toEqual(['t/a', 't/b']);
    expect((await stories({ topic: 't/b' })).map(({ topic }) => topic)).toEqual(['t/b']);
    expect(await stories({ clientId: 'pump' })).toHaveLength(2);
    expect(await stories({ clientId: 'other' })).toEqual([]);
    const [first] = await stories();
    expect(await stories({ fromMs: (first?.atMs ?? 0) + 60_000 })).toEqual([]);
    expect(await stories({ toMs: first?.atMs ?? 0 })).toEqual([]);
  });

  test('all of them in order, however few are followed at a time', async () => {
    await broker.leaveSubscription('s', 't/#', 1);
    const publisher = await broker.connectPublisher();
    const topics = ['t/1', 't/2', 't/3'];
    for (const topic of topics) await publisher.publish({ topic, payload: 'm', qos: 1 });
    const { client } = await broker.connect({ clientId: 's' });
    await takeAndAcknowledge(client, 3);
    await storiesOnce((told) => told.every((story) => story.receivers[0]?.state === 'acknowledged'));
    const few = await stories({}, 1);
    expect(few.map(({ topic }) => topic)).toEqual(topics);
    expect(few).toEqual(await stories());
  });
});

test('without its record, a message is not acknowledged to its sender', async () => {
  const { client } = await broker.connect({ clientId: 'pump' });
  broker.interruptDatabase();
  client.send(publish({ topic: 't/1', payload: 'm', qos: 1, packetId: 7 }));
  await client.ping();
  expect(client.takeAll()).toEqual([]);
  broker.restoreDatabase();
  expect(await client.take('puback')).toMatchObject({ packetId: 7 });
  expect(await stories()).toHaveLength(1);
});

async function takeOne(
  client: Awaited<ReturnType<DurableBroker['connectPublisher']>>,
  qos: number,
): Promise<void> {
  expect((await client.take('publish')).qos).toBe(qos);
}
