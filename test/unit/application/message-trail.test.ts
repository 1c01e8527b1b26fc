import { beforeEach, describe, expect, test } from '@jest/globals';
import { MessageTrail } from '../../../src/application/message-trail.js';
import { publishedEvents } from '../../../src/domain/audit/message-events.js';
import { type MessageStory, publishedStories } from '../../../src/domain/audit/message-story.js';
import type { ClientId } from '../../../src/domain/client-id.js';
import {
  type FakeClient,
  type FakeNetwork,
  makeNetwork,
  type NetworkOptions,
} from '../../support/fake-client.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { chained } from '../../support/made-up-trail.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';
import { connect, disconnect, puback, publish, subscribe } from '../../support/packets.js';

let trail: FakeTrail;
let network: FakeNetwork;
let publisher: FakeClient;

async function begin(options: NetworkOptions = {}): Promise<void> {
  trail = new FakeTrail();
  network = makeNetwork({ followed: ['t/#'], ...options, trail });
  publisher = await network.connect({ clientId: 'pump' });
}
beforeEach(() => begin());

/** What there is to tell; from now on what becomes of it is told by itself. */
function tell(): MessageStory[] {
  const { messages } = trail;
  const events = publishedEvents(messages, messages.next);
  return chained(events).flatMap((record) => publishedStories(record));
}

const receivers = (): string[][] =>
  tell().map((story) =>
    story.receivers.map(({ clientId, state, reason }) =>
      [clientId, state, reason].filter((part) => part !== undefined).join(' '),
    ),
  );
const send = (topic: string, qos: 0 | 1 | 2 = 1, packetId = 1): Promise<void> =>
  publisher.send(publish({ topic, payload: 'm', qos, packetId }));

async function subscriber(clientId: string, qos: 0 | 1 | 2, cleanSession = false): Promise<FakeClient> {
  const client = await network.connect({ clientId, cleanSession });
  await client.subscribe(['t/#', qos]);
  return client;
}

test('a message is told with its publisher, its size and when', async () => {
  network.clock.advance(5000);
  await publisher.send(publish({ topic: 't/1', payload: 'four', qos: 1, packetId: 1, retain: true }));
  expect(tell()).toMatchObject([
    {
      ...{ atMs: network.clock.nowMs(), topic: 't/1', origin: 'client', qos: 1, retain: true, bytes: 4 },
      publisher: { clientId: 'pump', address: '192.0.2.1' },
      receivers: [],
    },
  ]);
});

test.each([
  ['on other topics', 'u/1', true],
  ['while nothing is written', 't/1', false],
])('messages %s are not followed', async (_, topic, isWritten) => {
  trail.isWritten = isWritten;
  await subscriber('s', 1);
  await send(topic);
  expect(tell()).toEqual([]);
});

test('topics that are set anew are followed from then on, in place of the others', () => {
  const messages = new MessageTrail(trail, network.clock, [topicFilter('t/#')]);
  const isFollowed = (topic: string): boolean =>
    messages.follow(makeMessage(topic), {}, 'client') !== undefined;
  expect([isFollowed('t/1'), isFollowed('u/1')]).toEqual([true, false]);
  messages.setFilters([topicFilter('u/+')]);
  expect([isFollowed('t/1'), isFollowed('u/1')]).toEqual([false, true]);
  messages.setFilters([]);
  expect([messages.isOn, isFollowed('u/1')]).toEqual([false, false]);
});

describe('of each receiver it is told', () => {
  test('that it was sent the message, and that it acknowledged', async () => {
    const client = await subscriber('s', 1);
    await send('t/1');
    network.clock.advance(30);
    await client.send(puback(client.publishes()[0]!.packetId));
    const [story] = tell();
    const at = story!.atMs;
    expect(story?.receivers).toMatchObject([
      { clientId: 's', state: 'acknowledged', qos: 1, deliveredAtMs: at, acknowledgedAtMs: at + 30 },
    ]);
    expect(trail.outcomes).toEqual([]);
  });

  test('what becomes of it once the message is told', async () => {
    const client = await subscriber('s', 1);
    await send('t/1');
    expect(receivers()).toEqual([['s delivered']]);
    await client.send(puback(client.publishes()[0]!.packetId));
    expect(trail.outcomes).toMatchObject([
      { kind: 'acknowledged', sequence: 0, receiver: { clientId: 's' } },
    ]);
    expect(tell()).toEqual([]);
  });

  test('that a client that was away is sent it when it is back', async () => {
    await (await subscriber('s', 1)).send(disconnect());
    await send('t/1');
    expect(receivers()).toEqual([['s waiting']]);
    await network.open()?.send(connect({ clientId: 's', cleanSession: false }));
    expect(trail.outcomes).toMatchObject([{ kind: 'delivered', sequence: 0 }]);
  });

  test('that at QoS 0 it was away, or did not read', async () => {
    await (await subscriber('away', 0)).send(disconnect());
    await begin({ limits: { outboxBytesMax: 10 } });
    await (await subscriber('away', 0)).send(disconnect());
    const slow = await subscriber('slow', 0);
    slow.stream.stall();
    for (let i = 0; i < 3; i++) await send('t/1', 0);
    expect(receivers().at(-1)).toEqual(['away dropped offline', 'slow dropped outbox_full']);
  });

  test('that its queue was full, or thrown away', async () => {
    await begin({ limits: { queueMessagesMax: 1 } });
    await (await subscriber('s', 1)).send(disconnect());
    for (const packetId of [1, 2]) await send('t/1', 1, packetId);
    expect(receivers()).toEqual([['s dropped queue_full'], ['s waiting']]);
    network.state.sessions.get('s' as ClientId)?.purge();
    expect(trail.outcomes).toMatchObject([{ kind: 'dropped', sequence: 1, reason: 'purged' }]);
  });

  test('that its clean session ended before it acknowledged', async () => {
    const client = await subscriber('s', 1, true);
    await send('t/1');
    await client.send(disconnect());
    expect(receivers()).toEqual([['s dropped session_ended']]);
  });

  test('that it may not receive the message', async () => {
    await subscriber('s', 1);
    network.state.sessions.get('s' as ClientId)!.reach = { mayReceive: () => false };
    await send('t/1');
    expect(receivers()).toEqual([['s dropped receive_denied']]);
  });
});

describe('where a message comes from is told', () => {
  const origins = () =>
    tell().map(({ origin, publisher: { clientId, principal } }) => [origin, clientId, principal]);

  test('for the will of a client', async () => {
    const will = { topic: 't/w', payload: 'gone', qos: 1 as const, retain: false };
    const client = await network.connect({ clientId: 'dying', will });
    client.stream.close();
    await send('t/1', 0);
    expect(origins()).toEqual([
      ['will', 'dying', undefined],
      ['client', 'pump', undefined],
    ]);
  });

  test('for a retained message that answers a subscription, once for each', async () => {
    await publisher.send(publish({ topic: 't/r', payload: 'kept', qos: 1, packetId: 1, retain: true }));
    tell();
    const client = await network.connect({ clientId: 's' });
    await client.send(subscribe(1, ['t/#', 1]));
    expect(tell()).toMatchObject([
      { origin: 'retained', publisher: {}, receivers: [{ clientId: 's', qos: 1 }] },
    ]);
  });

  test('for an administrator', async () => {
    const who = { principal: 'operations', authentication: 'admin_token' as const };
    const caller = { ...who, requestId: 'r', name: 'operations', address: '127.0.0.1' };
    network.administration.publish(
      { topic: 't/a', payload: Buffer.from('x'), qos: 0, retain: false },
      caller,
    );
    expect(origins()).toEqual([['administrator', undefined, 'operations']]);
  });
});
