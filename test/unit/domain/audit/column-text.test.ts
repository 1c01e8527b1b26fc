import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ColumnWriter, readColumn } from '../../../../src/domain/audit/column-text.js';

function written(values: readonly number[]): string {
  const column = new ColumnWriter();
  for (const value of values) column.add(value);
  return column.finish();
}

describe('a column', () => {
  test.each([
    [[], ''],
    [[0], '0'],
    [[5, 5, 5], '5 0*2'],
    [[7, 8, 9, 10], '7 1*3'],
    [[1795, 1795, 1795, 1800], '1795 0*2 5'],
    [[3, -1], '3 -4'],
  ])('of %j is %j', (values, text) => {
    expect(written(values)).toBe(text);
  });

  test('is read back as it was written', () => {
    const numbers = fc.array(fc.integer({ min: -1, max: 2 ** 50 }));
    fc.assert(
      fc.property(numbers, (values) => {
        expect(readColumn(written(values), values.length)).toEqual(values);
      }),
    );
  });

  test.each([
    ['1 2', 3],
    ['1 2', 1],
    ['1*1000000000000000', 5],
    ['1  2', 2],
    ['x', 1],
    ['1.5', 1],
    [undefined, 0],
    [[1], 1],
  ])('is not read from %j for %d numbers', (text, rows) => {
    expect(readColumn(text, rows)).toBeUndefined();
  });
});
