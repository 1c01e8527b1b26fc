import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Delivery } from '../../src/domain/session/delivery.js';
import { Fifo } from '../../src/domain/session/fifo.js';
import { InflightWindow } from '../../src/domain/session/inflight-window.js';
import { makeMessage } from '../support/make-message.js';

test('a Fifo behaves like an array that is pushed and shifted', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('push' as const), times: fc.integer({ min: 1, max: 40 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('shift' as const), times: fc.integer({ min: 1, max: 40 }) }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'push' as const, times: 1500 }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'shift' as const, times: 3000 }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, times: 1 }) },
    ),
    { maxLength: 30, size: 'max' },
  );
  fc.assert(
    fc.property(steps, (script) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const { kind, times } of script) {
        if (kind === 'clear') {
          fifo.clear();
          model = [];
        }
        for (let i = 0; i < times && kind !== 'clear'; i += 1) {
          if (kind === 'push') {
            fifo.push(next);
            model.push(next++);
          } else if (fifo.shift() !== model.shift()) throw new Error('another item than the oldest');
        }
        expect([fifo.length, fifo.peek()]).toEqual([model.length, model[0]]);
        expect([...fifo]).toEqual(model);
      }
    }),
    { numRuns: 50 },
  );
});

test('an InflightWindow behaves like a map from packet id to delivery', () => {
  /** Around the starts of the ids' cycles, and anywhere. */
  const sequences = fc.oneof(
    fc.integer({ min: 0, max: 70 }),
    fc.integer({ min: 65_500, max: 65_600 }),
    fc.integer({ min: 0, max: 1_000_000 }),
    fc.integer({ min: 0, max: 40 }).map((n) => n * 4096),
  );
  const steps = fc.array(fc.record({ isRemoval: fc.boolean(), sequence: sequences }), {
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (script) => {
      const window = new InflightWindow();
      const model = new Map<number, Delivery>();
      for (const { isRemoval, sequence } of script) {
        const delivery = new Delivery(sequence, makeMessage('t'), 1, false);
        const { packetId } = delivery;
        const known = model.get(packetId);
        expect(window.find(packetId)).toBe(known);
        if (!isRemoval) {
          expect(window.add(delivery)).toBe(known === undefined);
          if (known === undefined) model.set(packetId, delivery);
        } else if (known !== undefined) {
          window.remove(known);
          model.delete(packetId);
        }
        expect(window.size).toBe(model.size);
      }
      const inOrder = [...model.values()].sort((a, b) => a.sequence - b.sequence);
      expect(window.inOrder()).toEqual(inOrder);
      for (const [packetId, delivery] of model) expect(window.find(packetId)).toBe(delivery);
    }),
    { numRuns: 100 },
  );
});
