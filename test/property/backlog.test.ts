import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { QoS } from '../../src/domain/qos.js';
import type { MemorySizes } from '../../src/domain/session/backlog.js';
import type { SessionLimits } from '../../src/domain/session/session-limits.js';
import { type ModelStep, StoredSessionModel } from '../support/stored-session-model.js';

// Small, so that a short script passes every boundary in every order of commits, pages and bridges.
const memory = fc.record({
  queueMessages: fc.integer({ min: 1, max: 6 }),
  pageMessages: fc.integer({ min: 1, max: 4 }),
  bridgeMessages: fc.integer({ min: 1, max: 4 }),
});
const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 15 }) },
);
const much = fc.oneof(size, fc.constant(1000));
const mixes: readonly QoS[][] = [[1], [2], [1, 2], [1, 1, 1, 2]];
const mix = fc.constantFrom(...mixes);
const step: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('offer' as const), count: size, qos: mix }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('journal' as const), count: much }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('commit' as const), count: size }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('reader' as const), count: fc.nat({ max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), count: much }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), count: much }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle-down' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'connect' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'drop' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('writable' as const), isWritable: fc.boolean() }) },
);
const script = fc.array(step, { maxLength: 100, size: 'max' });
const scriptWith = (kind: 'restart' | 'orderly-restart'): fc.Arbitrary<ModelStep[]> => {
  const restart: fc.Arbitrary<ModelStep> = fc.constant({ kind });
  const any = fc.oneof({ weight: 12, arbitrary: step }, { weight: 1, arbitrary: restart });
  return fc.array(any, { maxLength: 100, size: 'max' });
};
const inflightMax = fc.integer({ min: 1, max: 6 });

const firstOfEach = (serials: readonly number[]): number[] => [...new Set(serials)];
const without = (serials: readonly number[], gone: ReadonlySet<number>): number[] =>
  serials.filter((serial) => !gone.has(serial));

const run = (
  limits: Partial<SessionLimits>,
  sizes: MemorySizes,
  steps: readonly ModelStep[],
): StoredSessionModel => {
  const model = new StoredSessionModel(limits, sizes);
  for (const each of steps) model.take(each);
  model.finish();
  return model;
};

describe('a stored session with room for everything', () => {
  test('delivers each message in order, at QoS 1 again only with DUP and at QoS 2 once, however store and client come along', () => {
    const transitions = new Set<string>();
    fc.assert(
      fc.property(script, inflightMax, memory, (steps, max, sizes) => {
        const model = run({ inflightMax: max }, sizes, steps);
        for (const transition of model.transitions) transitions.add(transition);
        expect(firstOfEach(model.client.atLeastOnce)).toEqual(model.taken[1]);
        expect(model.client.exactlyOnce).toEqual(model.taken[2]);
        expect(model.gaveWay()).toEqual([]);
      }),
      { numRuns: 4000 },
    );
    // A run that misses one of these has tested nothing of it.
    for (const seen of ['empty > spilled', 'spilled > bridging', 'bridging > empty', 'bridging > spilled'])
      expect(transitions).toContain(seen);
  });

  test('loses nothing that was committed in a restart at any moment', () => {
    fc.assert(
      fc.property(scriptWith('restart'), inflightMax, memory, (steps, max, sizes) => {
        const model = run({ inflightMax: max }, sizes, steps);
        const { atLeastOnce, exactlyOnce } = model.client;
        const lost = new Set(model.lost());
        expect(without(firstOfEach(atLeastOnce), lost)).toEqual(without(model.taken[1], lost));
        expect(without(exactlyOnce, lost)).toEqual(without(model.taken[2], lost));
        expect(exactlyOnce.length).toBe(new Set(exactlyOnce).size);
      }),
      { numRuns: 4000 },
    );
  });
});

describe('a stored session with little room', () => {
  const limits = fc.record({
    inflightMax,
    queueMessagesMax: fc.integer({ min: 1, max: 20 }),
    queuePolicy: fc.constantFrom('dropOldest' as const, 'dropNewest' as const),
  });

  test('delivers in order what it has not given up, and counts exactly what it has', () => {
    fc.assert(
      fc.property(scriptWith('orderly-restart'), limits, memory, (steps, most, sizes) => {
        const model = run(most, sizes, steps);
        const gaveWay = new Set(model.gaveWay());
        const { atLeastOnce, exactlyOnce } = model.client;
        expect(firstOfEach(atLeastOnce)).toEqual(without(model.taken[1], gaveWay));
        expect(exactlyOnce).toEqual(without(model.taken[2], gaveWay));
        // An exchange that has begun is brought to its end, also over a restart.
        expect([...gaveWay].filter((serial) => model.client.wasSent(serial))).toEqual([]);
        expect(model.counters.dropped.queue_full).toBe(gaveWay.size + model.refused);
        if (most.queuePolicy === 'dropNewest') expect(gaveWay.size).toBe(0);
      }),
      { numRuns: 4000 },
    );
  });
});
