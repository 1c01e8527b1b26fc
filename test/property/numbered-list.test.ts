import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NumberedList } from '../../src/domain/numbered-list.js';
import { NumberedMap } from '../../src/application/numbered-map.js';

const numbers = fc.integer({ min: 0, max: 5000 });
const listOf = (items: Iterable<number>): NumberedList<number> => {
  const list = new NumberedList<number>((item) => item);
  for (const item of items) list.add(item);
  return list;
};

describe('a numbered list', () => {
  test('is walked in the order of its numbers from any place on, whatever came and went', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), numbers), { maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(steps, fc.integer({ min: -1, max: 5001 }), (script, place) => {
        const model = new Set<number>();
        const list = listOf([]);
        for (const [isAdded, number] of script) {
          if (isAdded && !model.has(number)) {
            model.add(number);
            list.add(number);
          } else {
            model.delete(number);
            list.remove(number);
          }
        }
        const expected = [...model].filter((number) => number > place).sort((a, b) => a - b);
        expect([...list.after(place)]).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('keeps its order over many chunks, from either end', () => {
    const upwards = Array.from({ length: 5000 }, (_, i) => i);
    expect([...listOf(upwards).after(-1)]).toEqual(upwards);
    expect([...listOf([...upwards].reverse()).after(2499)]).toEqual(upwards.slice(2500));
  });
});

test('a numbered map walks the values that it holds, each once', () => {
  const map = new NumberedMap<string, { number: number }>(({ number }) => number);
  map.set('a', { number: 1 }).set('b', { number: 2 }).set('a', { number: 3 });
  expect([...map.after(0)]).toEqual([{ number: 2 }, { number: 3 }]);
  map.delete('b');
  expect([...map.after(0)]).toEqual([{ number: 3 }]);
  map.clear();
  expect([...map.after(0)]).toEqual([]);
});
