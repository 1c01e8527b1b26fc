import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Session } from '../../src/domain/session/session.js';
import type { SessionLimits } from '../../src/domain/session/session-limits.js';
import { FakeLink } from '../support/fake-link.js';
import { makeMessage } from '../support/make-message.js';
import { makeSession } from '../support/make-session.js';
import { ModelClient } from '../support/model-client.js';

const few = fc.integer({ min: 1, max: 6 });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      qos: fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 1, 2, 2),
      count: few,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), count: few }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), count: few }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'connect' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'drop' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('writable' as const), isWritable: fc.boolean() }) },
);
const script = fc.array(step, { maxLength: 120, size: 'max' });
const roomy: Partial<SessionLimits> = { queueMessagesMax: 100_000, queueBytesMax: 1e9 };

/** A session and its client, and what was offered to the one for the other. */
const makePair = (limits: Partial<SessionLimits>) => {
  const inflightMax = limits.inflightMax ?? 10;
  const { session, counters } = makeSession({ limits: { ...limits, inflightMax } });
  const client = new ModelClient(session, inflightMax);
  const offered: Record<0 | 1 | 2, string[]> = { 0: [], 1: [], 2: [] };
  let serial = 0;
  /** @returns whether the session has taken it on. */
  const offer = (qos: 0 | 1 | 2): boolean => {
    const payload = `m${(serial += 1)}`;
    offered[qos].push(payload);
    const delivery = session.offer(makeMessage('t', payload, qos), qos);
    client.collect();
    return delivery !== undefined;
  };
  const live = (each: { kind: string; count?: number; isWritable?: boolean }): void => {
    if (each.kind === 'read') client.read(each.count ?? 1);
    else if (each.kind === 'answer') client.answer(each.count ?? 1);
    else if (each.kind === 'writable') client.setWritable(each.isWritable ?? true);
    else if (each.kind === 'connect' && !client.isConnected) client.connect();
    else if (each.kind === 'drop' && client.isConnected) client.drop();
  };
  /** A client that comes back, stays, and answers everything. */
  const finish = (): void => {
    if (!client.isConnected) client.connect();
    client.setWritable(true);
    for (let idle = 0; session.owedCount > 0;) {
      const before = session.owedCount;
      client.read(1000);
      client.answer(1000);
      idle = session.owedCount < before ? 0 : idle + 1;
      // PUBREC, PUBCOMP: two rounds may settle nothing yet.
      if (idle > 4) throw new Error(`${session.owedCount} are never delivered`);
    }
    client.read(1000);
  };
  return { session, counters, client, offered, offer, live, finish };
};

/** So many messages come and are acknowledged, by a client that is no part of the test. */
const passOver = (session: Session, count: number): void => {
  const link = new FakeLink();
  session.attach(link);
  for (let i = 0; i < count; i += 1) {
    link.sent = [];
    session.offer(makeMessage('t', '', 1), 1);
    const [sent] = link.takePublishes();
    if (sent !== undefined) session.acknowledge(sent.packetId);
  }
  session.detach(0);
};

const firstOfEach = (payloads: readonly string[]): string[] => [...new Set(payloads)];
const orderOf = (payload: string): number => Number(payload.slice(1));
const isInOrder = (payloads: readonly string[]): boolean =>
  payloads.every((payload, i) => i === 0 || orderOf(payload) > orderOf(payloads[i - 1]!));

describe('a session with room for everything', () => {
  test('delivers at QoS 1 at least once and at QoS 2 exactly once, in order, through any loss of connections', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 5 }), (steps, inflightMax) => {
        const { client, offered, offer, live, finish } = makePair({ ...roomy, inflightMax });
        for (const each of steps) {
          if (each.kind === 'offer') for (let i = 0; i < each.count; i += 1) offer(each.qos);
          else live(each);
        }
        finish();
        expect(firstOfEach(client.atLeastOnce)).toEqual(offered[1]);
        expect(client.exactlyOnce).toEqual(offered[2]);
        expect(isInOrder(client.atMostOnce)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('repeats nothing to a client that is never cut off', () => {
    const calm = fc
      .array(step, { maxLength: 80, size: 'max' })
      .map((steps) => steps.filter(({ kind }) => kind !== 'drop'));
    fc.assert(
      fc.property(calm, (steps) => {
        const { client, offered, offer, live, finish } = makePair({ ...roomy, inflightMax: 4 });
        client.connect();
        for (const each of steps) {
          if (each.kind === 'offer') for (let i = 0; i < each.count; i += 1) offer(each.qos);
          else live(each);
        }
        finish();
        expect(client.atMostOnce).toEqual(offered[0]);
        expect(client.atLeastOnce).toEqual(offered[1]);
        expect(client.exactlyOnce).toEqual(offered[2]);
      }),
      { numRuns: 150 },
    );
  });

  test('goes on with packet ids past 65,535, around one that is still in flight', () => {
    const busy = fc.array(step, { minLength: 60, maxLength: 120, size: 'max' });
    fc.assert(
      fc.property(fc.integer({ min: 65_510, max: 65_535 }), busy, fc.boolean(), (already, steps, isStuck) => {
        const { session, client, offered, offer, live, finish } = makePair({ ...roomy, inflightMax: 8 });
        client.connect();
        client.withhold('m1');
        if (isStuck) offer(1);
        client.drop();
        passOver(session, already);
        client.connect();
        for (const each of steps) {
          if (each.kind === 'offer') for (let i = 0; i < each.count; i += 1) offer(each.qos);
          else live(each);
        }
        if (!client.isConnected) client.connect();
        client.makeGood();
        finish();
        expect(firstOfEach(client.atLeastOnce)).toEqual(offered[1]);
        expect(client.exactlyOnce).toEqual(offered[2]);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

describe('a session with little room', () => {
  const limits = fc.record({
    inflightMax: fc.integer({ min: 1, max: 4 }),
    queueMessagesMax: fc.integer({ min: 0, max: 6 }),
    queuePolicy: fc.constantFrom('dropOldest' as const, 'dropNewest' as const),
  });

  test('keeps its limits, counts each loss, and delivers the rest in order', () => {
    fc.assert(
      fc.property(script, limits, (steps, { queuePolicy, ...rest }) => {
        const { session, counters, client, offered, offer, live, finish } = makePair({
          ...rest,
          queuePolicy,
        });
        const refused = new Set<string>();
        for (const each of steps) {
          if (each.kind === 'offer') {
            const before = offered[each.qos].length;
            for (let i = 0; i < each.count; i += 1) {
              const isTaken = offer(each.qos);
              if (!isTaken && each.qos > 0) refused.add(offered[each.qos][before + i]!);
            }
          } else live(each);
          expect(session.owedCount).toBeLessThanOrEqual(rest.inflightMax + rest.queueMessagesMax);
        }
        finish();
        const atLeastOnce = firstOfEach(client.atLeastOnce);
        expect(isInOrder(atLeastOnce)).toBe(true);
        expect(isInOrder(client.exactlyOnce)).toBe(true);
        const came = atLeastOnce.length + client.exactlyOnce.length;
        expect(came + counters.dropped.queue_full).toBe(offered[1].length + offered[2].length);
        const delivered = new Set([...atLeastOnce, ...client.exactlyOnce]);
        for (const payload of refused) expect(delivered.has(payload)).toBe(false);
        // Who turns away the newest loses nothing of what was taken on.
        if (queuePolicy === 'dropNewest') expect(refused.size).toBe(counters.dropped.queue_full);
      }),
      { numRuns: 300 },
    );
  });
});
