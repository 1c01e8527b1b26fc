import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SessionLimits } from '../../src/domain/session/session-limits.js';
import { SteppedStore } from '../support/stepped-store.js';
import { makeMessage } from '../support/make-message.js';
import { makeSession } from '../support/make-session.js';
import { ModelClient } from '../support/model-client.js';

const few = fc.integer({ min: 1, max: 6 });
const many = fc.integer({ min: 300, max: 900 });
const stepWith = (counts: fc.Arbitrary<number>) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('offer' as const),
        qos: fc.constantFrom<(1 | 2)[]>(1, 2),
        count: counts,
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), count: counts }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), count: counts }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin commit' as const), count: counts }) },
    { weight: 5, arbitrary: fc.constant({ kind: 'end commit' as const }) },
    { weight: 5, arbitrary: fc.constant({ kind: 'answer read' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'connect' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'drop' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('writable' as const), isWritable: fc.boolean() }) },
  );
type Step = { kind: string; qos?: 1 | 2; count?: number; isWritable?: boolean };

const firstOfEach = (payloads: readonly string[]): string[] => [...new Set(payloads)];
const orderOf = (payload: string): number => Number(payload.slice(1));
const isInOrder = (payloads: readonly string[]): boolean =>
  payloads.every((payload, i) => i === 0 || orderOf(payload) > orderOf(payloads[i - 1]!));

/** A session that is kept in a store, its client, and what was offered to the one for the other. */
const makeStored = (limits: Partial<SessionLimits>) => {
  const inflightMax = limits.inflightMax ?? 10;
  const sessionLimits = { queueMessagesMax: 100_000, queueBytesMax: 1e9, ...limits, inflightMax };
  const store = new SteppedStore();
  const made = makeSession({ limits: sessionLimits, store });
  store.session = made.session;
  const client = new ModelClient(made.session, inflightMax, store);
  const offered: Record<1 | 2, string[]> = { 1: [], 2: [] };
  let serial = 0;
  let { session } = made;
  const offer = (qos: 1 | 2): void => {
    const payload = `m${(serial += 1)}`;
    const delivery = session.offer(makeMessage('t', payload, qos), qos);
    if (delivery !== undefined) store.append(delivery);
    offered[qos].push(payload);
    client.collect();
  };
  const live = (step: Step): void => {
    const { kind, count = 1 } = step;
    if (kind === 'offer') for (let i = 0; i < count; i += 1) offer(step.qos ?? 1);
    else if (kind === 'read') client.read(count);
    else if (kind === 'answer') client.answer(count);
    else if (kind === 'writable') client.setWritable(step.isWritable ?? true);
    else if (kind === 'begin commit') store.beginCommit(count);
    else if (kind === 'end commit') store.endCommit();
    else if (kind === 'answer read') store.answerRead();
    else if (kind === 'connect' && !client.isConnected) client.connect();
    else if (kind === 'drop' && client.isConnected) client.drop();
    client.collect();
  };
  /** The broker is killed and started again. */
  const restart = (): void => {
    store.crash();
    session = makeSession({ limits: sessionLimits, store }).session;
    store.session = session;
    const rows = store.durable;
    const bytes = rows.reduce((sum, { message }) => sum + message.queueBytes, 0);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first !== undefined && last !== undefined) {
      const sequences = { firstSequence: first.sequence, lastSequence: last.sequence };
      session.restore({ messages: rows.length, bytes, ...sequences }, last.sequence);
    }
    client.restart(session);
  };
  /** The database and the client do all that is asked of them. */
  const finish = (): void => {
    if (!client.isConnected) client.connect();
    client.setWritable(true);
    for (let idle = 0; session.owedCount > 0 || !store.isIdle;) {
      const before = session.owedCount;
      for (const kind of ['begin commit', 'end commit', 'answer read', 'read', 'answer'])
        live({ kind, count: 100_000 });
      idle = session.owedCount < before ? 0 : idle + 1;
      if (idle > 10) throw new Error(`${session.owedCount} are never delivered`);
    }
    client.read(100_000);
  };
  return { made, session: () => session, store, client, offered, live, restart, finish };
};

describe('a session that is kept in a store', () => {
  const delivers = (steps: readonly Step[], inflightMax: number): void => {
    const { client, offered, live, finish, store } = makeStored({ inflightMax });
    for (const step of steps) live(step);
    finish();
    expect(firstOfEach(client.atLeastOnce)).toEqual(offered[1]);
    expect(client.exactlyOnce).toEqual(offered[2]);
    expect(store.durable).toEqual([]);
  };

  test('delivers at QoS 1 at least once and at QoS 2 exactly once, in order, from its memory and its store', () => {
    fc.assert(
      fc.property(
        fc.array(stepWith(few), { maxLength: 150, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        delivers,
      ),
      {
        numRuns: 500,
      },
    );
  });

  test('delivers as well when far more waits than it holds in memory', () => {
    fc.assert(
      fc.property(
        fc.array(stepWith(many), { maxLength: 60, size: 'max' }),
        fc.constantFrom(1000, 300),
        delivers,
      ),
      {
        numRuns: 40,
        endOnFailure: true,
      },
    );
  });

  test('repeats nothing to a client that is never cut off', () => {
    const calm = fc
      .array(stepWith(few), { maxLength: 150, size: 'max' })
      .map((steps) => steps.filter(({ kind }) => kind !== 'drop'));
    fc.assert(
      fc.property(calm, fc.integer({ min: 0, max: 30 }), (steps, before) => {
        const { client, offered, live, finish } = makeStored({ inflightMax: 4 });
        live({ kind: 'offer', qos: 1, count: before });
        client.connect();
        for (const step of steps) live(step);
        finish();
        expect(client.atLeastOnce).toEqual(offered[1]);
        expect(client.exactlyOnce).toEqual(offered[2]);
      }),
      { numRuns: 400 },
    );
  });

  test('loses nothing that was durable when the broker is killed, and delivers it in order', () => {
    const crash = fc.constant({ kind: 'crash' as const });
    const script = fc.array(
      fc.oneof({ weight: 30, arbitrary: stepWith(few) }, { weight: 1, arbitrary: crash }),
      { maxLength: 150, size: 'max' },
    );
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 5 }), (steps, inflightMax) => {
        const { client, offered, live, restart, finish, store } = makeStored({ inflightMax });
        const durable = new Set<string>();
        for (const step of steps) {
          if (step.kind === 'crash') restart();
          else live(step);
          for (const { message } of store.durable) durable.add(Buffer.from(message.payload).toString());
        }
        finish();
        const once = firstOfEach(client.atLeastOnce);
        expect(isInOrder(once)).toBe(true);
        expect(isInOrder(client.exactlyOnce)).toBe(true);
        const came = new Set([...once, ...client.exactlyOnce]);
        expect([...durable].filter((payload) => !came.has(payload))).toEqual([]);
        expect(offered[2]).toEqual(expect.arrayContaining(client.exactlyOnce));
      }),
      { numRuns: 400 },
    );
  });
});

describe('a stored session with little room', () => {
  test('drops by its policy, counts each loss, and delivers the rest in order', () => {
    const limits = fc.record({
      inflightMax: fc.integer({ min: 1, max: 4 }),
      queueMessagesMax: fc.integer({ min: 1, max: 8 }),
      queuePolicy: fc.constantFrom('dropOldest' as const, 'dropNewest' as const),
    });
    fc.assert(
      fc.property(fc.array(stepWith(few), { maxLength: 120, size: 'max' }), limits, (steps, chosen) => {
        const { made, client, offered, live, finish, session } = makeStored(chosen);
        for (const step of steps) {
          live(step);
          expect(session().owedCount).toBeLessThanOrEqual(chosen.inflightMax + chosen.queueMessagesMax);
        }
        finish();
        const once = firstOfEach(client.atLeastOnce);
        expect(isInOrder(once)).toBe(true);
        expect(isInOrder(client.exactlyOnce)).toBe(true);
        const came = once.length + client.exactlyOnce.length;
        expect(came + made.counters.dropped.queue_full).toBe(offered[1].length + offered[2].length);
      }),
      { numRuns: 300 },
    );
  });
});
