import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publishedEvents } from '../../../../src/domain/audit/message-events.js';
import { MessageLog, type MessageOrigin } from '../../../../src/domain/audit/message-log.js';
import { type MessageStory, publishedStories } from '../../../../src/domain/audit/message-story.js';
import type { QoS } from '../../../../src/domain/qos.js';
import { chained } from '../../../support/made-up-trail.js';

const SHA256 = 'aDUxdbocSz_dofFqbc7QYDWOBmDBqdkCR__KWttLkQ4';
const START_MS = 1_700_000_000_000;

interface Made {
  readonly publisher: number;
  readonly origin: MessageOrigin;
  readonly topic: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly bytes: number;
  readonly delayMs: number;
  readonly receivers: readonly MadeReceiver[];
}

interface MadeReceiver {
  readonly session: number;
  readonly granted: QoS;
  readonly sequence: number;
  readonly sentMs?: number | undefined;
  readonly end?: { readonly state: 'acknowledged' | 'queue_full'; readonly ms: number } | undefined;
}

const actors = [1, 2, 3].map((n) => ({ clientId: `p${n}`, session: undefined, address: '192.0.2.1' }));
const sessions = [1, 2, 3].map((key) => ({ key, clientId: `s${key}`, durable: key !== 3 }));

function emptyLog(): MessageLog {
  return new MessageLog({ add: () => undefined, take: (count) => SHA256.repeat(count) });
}

const payloadOf = (bytes: number) => ({ bytes: new Uint8Array(0), payloadStart: 7, payloadEnd: 7 + bytes });

/** Puts messages into a log, with what became of them. */
function logOf(messages: readonly Made[]): MessageLog {
  const log = emptyLog();
  let atMs = START_MS;
  for (const { publisher, topic, delayMs, receivers, bytes, ...message } of messages) {
    atMs += delayMs;
    log.publish({ ...message, from: actors[publisher]!, topic: `t/${topic}`, atMs }, payloadOf(bytes));
    for (const { session, granted, sequence, sentMs, end } of receivers) {
      const number = log.address(sessions[session]!, granted);
      log.owed(number, sequence);
      if (sentMs !== undefined) log.sent(number, atMs + sentMs);
      if (end !== undefined) log.ended(number, end.state, atMs + end.ms);
    }
  }
  return log;
}

/** Tells so many messages of a log. */
function told(log: MessageLog, count: number): MessageStory[] {
  const events = publishedEvents(log, log.first + count);
  return chained(events).flatMap((record) => publishedStories(record));
}

const quality = fc.constantFrom<QoS>(0, 1, 2);
const anyReceiver = fc.record({
  session: fc.nat(2),
  granted: quality,
  sequence: fc.integer({ min: -1, max: 1_000_000 }),
  sentMs: fc.option(fc.nat(10_000), { nil: undefined }),
  end: fc.option(
    fc.record({ state: fc.constantFrom('acknowledged' as const, 'queue_full' as const), ms: fc.nat(10_000) }),
    { nil: undefined },
  ),
});
const anyMessage = fc.record({
  publisher: fc.nat(2),
  origin: fc.constantFrom<MessageOrigin>('client', 'will', 'retained', 'administrator'),
  topic: fc.nat(3),
  qos: quality,
  retain: fc.boolean(),
  // Often the same, so that there are runs of messages that are told alike.
  bytes: fc.oneof(fc.constant(3), fc.nat(100_000)),
  delayMs: fc.oneof(fc.constant(0), fc.nat(1000)),
  receivers: fc.array(anyReceiver, { maxLength: 4 }),
});

describe('what a log tells', () => {
  test('is what was put into it, in whatever parts it is told', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 30 }), fc.nat(30), (messages, part) => {
        const log = logOf(messages);
        const first = Math.min(part, messages.length);
        const stories = [...told(log, first), ...told(log, messages.length - first)];
        let atMs = START_MS;
        expect(stories).toEqual(
          messages.map(({ publisher, topic, origin, qos, retain, bytes, delayMs, receivers }) => {
            const publishedMs = (atMs += delayMs);
            return {
              ...{ atMs, origin, qos, retain, bytes, sha256: SHA256, topic: `t/${topic}` },
              publisher: { clientId: `p${publisher + 1}`, address: '192.0.2.1' },
              receivers: receivers.map((receiver) => storyOf(receiver, publishedMs)),
            };
          }),
        );
        expect([log.length, log.bytes]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });

  test('goes on changing until it is told, and no longer', () => {
    const log = logOf([]);
    log.publish({ ...message(), atMs: START_MS }, payloadOf(1));
    const first = log.address(sessions[0]!, 1);
    log.publish({ ...message(), atMs: START_MS }, payloadOf(1));
    const second = log.address(sessions[1]!, 1);
    log.sent(second, START_MS + 5);
    expect(told(log, 1)[0]?.receivers).toMatchObject([{ clientId: 's1', state: 'waiting' }]);
    expect([log.holds(first), log.holds(second)]).toEqual([false, true]);
    log.ended(second, 'acknowledged', START_MS + 7);
    const expected = { state: 'acknowledged', deliveredAtMs: START_MS + 5, acknowledgedAtMs: START_MS + 7 };
    expect(told(log, 1)[0]?.receivers).toMatchObject([expected]);
  });

  test('takes several records where it is much, each with whole messages', () => {
    const log = emptyLog();
    for (let n = 0; n < 4500; n++) log.publish({ ...message(), atMs: START_MS + n }, payloadOf(1));
    for (let n = 0; n < 9000; n++) log.address(sessions[0]!, 1);
    log.publish({ ...message(), atMs: START_MS + 4500 }, payloadOf(1));
    const counts = publishedEvents(log, log.next).map(({ details }) => [
      details?.['messages'],
      details?.['deliveries'],
    ]);
    expect(counts).toEqual([
      [2000, 0],
      [2000, 0],
      [500, 9000],
      [1, 0],
    ]);
  });

  test.each<[string, Partial<Made>]>([
    ['publisher', { publisher: 1 }],
    ['origin', { origin: 'will' }],
    ['topic', { topic: 1 }],
    ['QoS', { qos: 2 }],
    ['RETAIN flag', { retain: true }],
    ['size', { bytes: 4 }],
    ['time', { delayMs: 1 }],
  ])('tells a message apart from those around it by its %s alone', (_, difference) => {
    const messages = [made(), made(), { ...made(), ...difference }, made(), made()];
    const whole = told(logOf(messages), 5);
    const expected = messages.map((one) => ({
      ...{ origin: one.origin, topic: `t/${one.topic}`, qos: one.qos, retain: one.retain, bytes: one.bytes },
      publisher: { clientId: `p${one.publisher + 1}` },
    }));
    expect(whole).toMatchObject(expected);
    expect(whole.map(({ atMs }) => atMs - whole[0]!.atMs)).toEqual(
      [0, 0, 1, 1, 1].map((later) => later * (difference.delayMs ?? 0)),
    );
    const log = logOf(messages);
    expect([...told(log, 1), ...told(log, 2), ...told(log, 2)]).toEqual(whole);
  });

  test('begins anew once all is told', () => {
    const log = logOf([made(), made()]);
    const before = told(log, 2);
    log.publish({ ...message(), topic: 't/0', atMs: START_MS }, payloadOf(3));
    expect(told(log, 1)).toEqual(before.slice(0, 1));
  });

  test('is whole also where the log has had to grow', () => {
    const log = logOf([]);
    const sequences = Array.from({ length: 3000 }, (_, n) => n * n);
    for (const sequence of sequences) {
      log.publish({ ...message(), atMs: START_MS + sequence }, payloadOf(1));
      log.owed(log.address(sessions[sequence % 2]!, 1), sequence);
    }
    const stories = [...told(log, 700), ...told(log, 2300)];
    expect(
      stories.map(({ atMs, receivers }) => [atMs - START_MS, receivers[0]?.clientId, receivers[0]?.sequence]),
    ).toEqual(sequences.map((sequence) => [sequence, `s${(sequence % 2) + 1}`, sequence]));
  });

  test('is dated by what happened last', () => {
    const log = logOf([{ ...made(), receivers: [{ session: 0, granted: 1, sequence: 1, sentMs: 40 }] }]);
    expect(publishedEvents(log, log.next)[0]?.atMs).toBe(START_MS + 40);
  });
});

function message() {
  const { origin, qos, retain } = made();
  return { from: actors[0]!, topic: 't', origin, qos, retain };
}

function made(): Made {
  return {
    ...{ publisher: 0, origin: 'client', topic: 0, qos: 1, retain: false, bytes: 3, delayMs: 0 },
    receivers: [],
  };
}

function storyOf({ session, granted, sequence, sentMs, end }: MadeReceiver, publishedMs: number) {
  const { key, clientId, durable } = sessions[session]!;
  const sent = sentMs === undefined ? {} : { deliveredAtMs: publishedMs + sentMs };
  const story = { clientId, session: key, cleanSession: !durable, qos: granted, sequence, ...sent };
  if (end === undefined) return { ...story, state: sentMs === undefined ? 'waiting' : 'delivered' };
  const endedAtMs = publishedMs + end.ms;
  if (end.state === 'acknowledged') return { ...story, state: 'acknowledged', acknowledgedAtMs: endedAtMs };
  return { ...story, state: 'dropped', reason: end.state, droppedAtMs: endedAtMs };
}
