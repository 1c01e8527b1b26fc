import { describe, expect, test } from '@jest/globals';
import { TraceMessages } from '../../../../src/application/audit/trace-messages.js';
import type { AuditReader } from '../../../../src/application/ports/audit-reader.js';
import type { AuditEvent } from '../../../../src/domain/audit/audit-event.js';
import {
  droppedEvents,
  outcomeEvents,
  publishedEvents,
} from '../../../../src/domain/audit/message-events.js';
import { MessageLog } from '../../../../src/domain/audit/message-log.js';
import { chained } from '../../../support/made-up-trail.js';

const START_MS = 1_700_000_000_000;
const SHA256 = 'aDUxdbocSz_dofFqbc7QYDWOBmDBqdkCR__KWttLkQ4';
const PAYLOAD = { bytes: new Uint8Array(1), payloadStart: 0, payloadEnd: 1 };
const receiver = (key: number, durable = true) => ({ key, clientId: `s${key}`, durable });

/** That a message was published `ms` after the start, and waits for these sessions under that sequence. */
function published(ms: number, keys: readonly number[], durable = true): AuditEvent[] {
  const log = new MessageLog({ add: () => undefined, take: (count) => SHA256.repeat(count) });
  const message = { topic: `t/${ms}`, qos: 1 as const, retain: false };
  log.publish({ ...message, from: { clientId: 'pump' }, origin: 'client', atMs: START_MS + ms }, PAYLOAD);
  for (const key of keys) log.owed(log.address(receiver(key, durable), 1), ms);
  return publishedEvents(log, log.next);
}

const outcome = (
  kind: 'delivered' | 'acknowledged',
  key: number,
  sequence: number,
  ms: number,
): AuditEvent[] =>
  outcomeEvents(`messages.${kind}`, [{ receiver: receiver(key), sequence, atMs: START_MS + ms }]);
const ended = (session: number, ms: number): AuditEvent => ({
  ...{ kind: 'session.deleted', session, reason: 'clean_session', atMs: START_MS + ms },
});
const started = (ms: number): AuditEvent => ({ kind: 'broker.started', atMs: START_MS + ms });

/** The stories that a trail of these events tells, as `topic session:state reason`, and how many records were read for them. */
async function traced(
  events: readonly AuditEvent[],
  query: { fromMs?: number; toMs?: number; openMax?: number; isFile?: boolean } = {},
) {
  const records = chained(events);
  let read = 0;
  const reader: AuditReader = {
    extent: async () => undefined,
    // A file has all that it holds read, whatever is asked for.
    async *pages({ afterSequence = 0, fromMs = -Infinity, toMs = Infinity, kinds }) {
      for (const record of records) {
        const { sequence, atMs, kind } = record;
        const isAskedFor =
          sequence > afterSequence && atMs >= fromMs && atMs < toMs && kinds?.includes(kind) === true;
        if (!isAskedFor && query.isFile !== true) continue;
        read += 1;
        yield [record];
      }
    },
  };
  const found: string[] = [];
  for await (const stories of new TraceMessages(reader, query.openMax).trace({
    topic: 't/#',
    fromMs: query.fromMs,
    toMs: query.toMs,
  })) {
    for (const { topic, receivers } of stories) {
      const states = receivers.map(
        ({ session, state, reason }) => `${session}:${state}${reason ? ` ${reason}` : ''}`,
      );
      found.push([topic, ...states].join(' '));
    }
  }
  return { found, read };
}

describe('a message is followed to its end', () => {
  test.each<[string, AuditEvent[], string]>([
    ['sent', outcome('delivered', 1, 1, 9), 't/1 1:delivered'],
    ['acknowledged', outcome('acknowledged', 1, 1, 9), 't/1 1:acknowledged'],
    [
      'given up with others in a row',
      droppedEvents([
        { receiver: receiver(1), sequence: 0, count: 1_000_000, reason: 'queue_full', atMs: START_MS + 9 },
      ]),
      't/1 1:dropped queue_full',
    ],
    ['that of another session', outcome('acknowledged', 2, 1, 9), 't/1 1:waiting'],
    ['that of another delivery', outcome('acknowledged', 1, 2, 9), 't/1 1:waiting'],
    ['the end of its session', [ended(1, 9)], 't/1 1:dropped session_deleted: clean_session'],
    [
      'acknowledged in the transaction that ends its session',
      [ended(1, 9), ...outcome('acknowledged', 1, 1, 8)],
      't/1 1:acknowledged',
    ],
    ['a start of the broker, which its session outlives', [started(9)], 't/1 1:waiting'],
  ])('%s', async (_, events, expected) => {
    expect((await traced([...published(1, [1]), ...events])).found).toEqual([expected]);
  });

  test('in the transaction that ends its session, behind which it is told', async () => {
    const { found } = await traced([ended(1, 0), ...published(1, [1, 2])]);
    expect(found).toEqual(['t/1 1:dropped session_deleted: clean_session 2:waiting']);
  });

  test('by the broker\u2019s end, where the session was clean', async () => {
    expect((await traced([...published(1, [1], false), started(9)])).found).toEqual([
      't/1 1:dropped broker_ended',
    ]);
  });
});

test('those from a time on are not told, and nothing is read once all is known', async () => {
  const events = [...published(1, [1]), ...published(5, [1]), ...outcome('acknowledged', 1, 1, 6)];
  const later = Array.from({ length: 50 }, (_, i) => started(100 + i));
  const { found, read } = await traced([...events, ...later], { toMs: START_MS + 5 });
  expect(found).toEqual(['t/1 1:acknowledged']);
  expect(read).toBeLessThan(10);
});

describe('once its session has ended, nothing is read behind the transaction that tells so', () => {
  const acknowledgements = outcome('acknowledged', 2, 7, 9);

  test.each<[string, AuditEvent[]]>([
    ['of which only that is told', [...published(1, [1]), ended(1, 9)]],
    ['which tells of other messages', [...published(1, [1]), ended(1, 9), ...acknowledgements]],
    ['which tells of the message itself', [ended(1, 0), ...published(1, [1])]],
    ['the last one of a run', [...published(1, [1]), ended(1, 9), started(10)]],
  ])('%s', async (_, events) => {
    const later = Array.from({ length: 50 }, (_, i) => published(100 + i, [2])).flat();
    const { found, read } = await traced([...events, ...later], { toMs: START_MS + 5 });
    expect(found).toEqual(['t/1 1:dropped session_deleted: clean_session']);
    expect(read).toBeLessThan(15);
  });

  test('however many records that has', async () => {
    const many = Array.from({ length: 8000 }, (_, i) => ({
      receiver: receiver(2),
      sequence: i,
      atMs: START_MS,
    }));
    const told = [...outcomeEvents('messages.acknowledged', many), ...outcome('acknowledged', 1, 1, 8)];
    const { found } = await traced([...published(1, [1]), ended(1, 9), ...told], { toMs: START_MS + 5 });
    expect(found).toEqual(['t/1 1:acknowledged']);
  });
});

describe.each([false, true])(
  'where the clock was set back between two runs (read from a file: %p)',
  (isFile) => {
    const [fromMs, toMs] = [START_MS + 40, START_MS + 60];
    /** Two runs with a clock that goes wrong, then two with one that is right. */
    const events = [
      ...[started(0), ...published(45, [1]), ...published(70, [1])],
      ...[started(80), ...published(90, [2])],
      ...[started(30), ...outcome('acknowledged', 1, 45, 31), ...published(35, [2]), ...published(50, [2])],
      ...[started(55), ...published(56, [3]), ...published(61, [3]), ...published(62, [3])],
      ...Array.from({ length: 50 }, (_, i) => published(100 + i, [4])).flat(),
    ];

    test('messages of each run are told, with what became of them at an earlier time', async () => {
      const { found } = await traced(events, { fromMs, toMs, isFile });
      expect(found).toEqual(['t/45 1:acknowledged', 't/50 2:waiting', 't/56 3:waiting']);
    });

    test('so they are when they take several passes', async () => {
      const { found } = await traced(events, { fromMs, toMs, openMax: 1, isFile });
      expect(found).toEqual(['t/45 1:acknowledged', 't/50 2:waiting', 't/56 3:waiting']);
    });
  },
);

test('with nothing open, nothing is read behind the last start within the time', async () => {
  const later = Array.from({ length: 50 }, (_, i) => published(100 + i, [4])).flat();
  const events = [started(80), ...published(90, []), started(30), ...published(50, []), ...later];
  const { found, read } = await traced(events, { toMs: START_MS + 60 });
  expect(found).toEqual(['t/50']);
  expect(read).toBeLessThan(15);
});

test('many open ones take several passes, and are told in order', async () => {
  const messages = Array.from({ length: 7 }, (_, i) => published(i, [1, 2]));
  const ends = Array.from({ length: 7 }, (_, i) => outcome('acknowledged', 2, i, 20));
  const { found } = await traced([...messages.flat(), ...ends.flat()], { openMax: 4 });
  expect(found).toEqual(messages.map((_, i) => `t/${i} 1:waiting 2:acknowledged`));
});

test('a record that no broker has written so is named', async () => {
  const [event] = published(1, [1]);
  const cut = { ...event!, details: { ...event!.details, receiver: '' } };
  await expect(traced([cut])).rejects.toThrow(
    'record 1 of the audit trail is not as a broker writes it (receiver)',
  );
});
