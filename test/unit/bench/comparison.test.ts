import { describe, expect, test } from '@jest/globals';
import { compare, missedMinimums } from '../../bench/comparison.js';
import { median } from '../../bench/median.js';
import type { Figure, Measurement, Minimum, Suite } from '../../bench/scenario.js';

const rate: Figure = { key: 'rate', label: 'msg/s', digits: 0, isCompared: true };
const p99: Figure = { key: 'p99', label: 'p99', digits: 3, isCompared: true };

const suiteWith = (...minimums: Minimum[]): Suite => ({
  name: 'test',
  title: 'a suite of two scenarios',
  subject: 'ours',
  peers: ['ours', 'theirs'],
  scenarios: [
    { name: 'fast', title: 'as fast as it goes', load: {}, figures: [rate] },
    { name: 'slow', title: 'at a fixed rate', load: {}, figures: [rate, p99] },
  ],
  minimums,
  isPinned: true,
  rounds: 3,
  measureSeconds: 5,
});

const measured = (scenario: string, peer: string, values: Record<string, number>[]): Measurement[] =>
  values.map((one, i) => ({ scenario, peer, round: i + 1, values: one }));

const measurements = [
  ...measured('fast', 'ours', [{ rate: 700 }, { rate: 100 }, { rate: 600 }]),
  ...measured('fast', 'theirs', [{ rate: 100 }, { rate: 120 }, { rate: 100 }]),
  ...measured('slow', 'ours', [{ rate: 50, p99: 3 }]),
  ...measured('slow', 'theirs', [{ rate: 50, p99: 2 }]),
];

const missesOf = (minimum: Minimum, selected = ['fast', 'slow'], runs = measurements): string[] => {
  const suite = suiteWith(minimum);
  return missedMinimums(suite, selected, compare(suite.scenarios, suite.subject, runs), runs);
};

describe('the median', () => {
  test('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test('is the mean of the two middle values of an even count', () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  test('sorts by number, not by text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  test('does not exist for no values', () => {
    expect(median([])).toBeUndefined();
  });
});

describe('the comparison', () => {
  const rows = compare(suiteWith().scenarios, 'ours', measurements);

  test('has one row for each figure of each scenario', () => {
    expect(rows.map((row) => [row.scenario, row.figure.key])).toEqual([
      ['fast', 'rate'],
      ['slow', 'rate'],
      ['slow', 'p99'],
    ]);
  });

  test('has the medians of all peers', () => {
    expect(rows[0]?.medians).toEqual({ ours: 600, theirs: 100 });
  });

  test('has the median of the ratios of each round, which one that the machine was slow in hardly changes', () => {
    const runs = [
      ...measured('fast', 'ours', [{ rate: 700 }, { rate: 310 }, { rate: 660 }, { rate: 300 }]),
      ...measured('fast', 'theirs', [{ rate: 100 }, { rate: 50 }, { rate: 110 }, { rate: 100 }]),
    ];
    // By medians it would be 4.85.
    expect(compare(suiteWith().scenarios, 'ours', runs)[0]?.ratios['theirs']).toBeCloseTo(6.1);
  });

  test('has no ratio to a peer in rounds where one of both has no value', () => {
    const runs = [
      ...measured('fast', 'ours', [{ rate: 700 }, {}, { rate: 600 }]),
      ...measured('fast', 'theirs', [{}, { rate: 100 }, { rate: 100 }]),
    ];
    expect(compare(suiteWith().scenarios, 'ours', runs)[0]?.ratios).toEqual({ theirs: 6 });
  });

  test('leaves a failed round out of the median', () => {
    const failed: Measurement = {
      scenario: 'fast',
      peer: 'theirs',
      round: 4,
      values: {},
      failure: 'it broke',
    };
    expect(compare(suiteWith().scenarios, 'ours', [...measurements, failed])[0]?.medians['theirs']).toBe(100);
  });

  test('has no ratio to a peer without a measurement, nor one to zero', () => {
    const without = measured('fast', 'ours', [{ rate: 600 }]);
    expect(compare(suiteWith().scenarios, 'ours', without)[0]?.ratios).toEqual({});
    const zero = [...without, ...measured('fast', 'theirs', [{ rate: 0 }])];
    expect(compare(suiteWith().scenarios, 'ours', zero)[0]?.ratios).toEqual({});
  });
});

describe('the minimums', () => {
  const atLeast = (min: number): Minimum => ({
    scenario: 'fast',
    figure: 'rate',
    reference: 'theirs',
    min,
  });

  test('are met by a ratio that equals them', () => {
    expect(missesOf(atLeast(6))).toEqual([]);
  });

  test('are missed by a lower ratio', () => {
    expect(missesOf(atLeast(6.01))).toEqual(['fast, rate over theirs: 6.00, must be at least 6.01']);
  });

  test('are missed by a higher ratio where lower is better', () => {
    const atMost: Minimum = { scenario: 'slow', figure: 'p99', reference: 'theirs', max: 1 };
    expect(missesOf(atMost)).toEqual(['slow, p99 over theirs: 1.50, must be at most 1']);
    expect(missesOf({ ...atMost, max: 1.5 })).toEqual([]);
  });

  test('bound the median of the subject itself where they name no reference', () => {
    const own: Minimum = { scenario: 'fast', figure: 'rate', min: 600, max: 600 };
    expect(missesOf(own)).toEqual([]);
    expect(missesOf({ ...own, min: 601 })).toEqual(['fast, rate: 600.00, must be at least 601']);
    expect(missesOf({ ...own, max: 599 })).toEqual(['fast, rate: 600.00, must be at most 599']);
  });

  test('are missed when the reference was not measured', () => {
    const ours = measurements.filter((one) => one.peer === 'ours');
    expect(missesOf(atLeast(1), ['fast'], ours)).toEqual(['fast, rate over theirs: not measured']);
  });

  test('are passed over for scenarios that were not selected', () => {
    expect(missesOf(atLeast(100), ['slow'])).toEqual([]);
  });

  test('count a failure of the subject as a miss, and one of a peer not', () => {
    const lossy = (peer: string): Measurement => ({
      scenario: 'slow',
      peer,
      round: 2,
      values: { rate: 50, p99: 1 },
      failure: '3 messages lost',
    });
    expect(missesOf(atLeast(6), ['fast'], [...measurements, lossy('theirs')])).toEqual([]);
    expect(missesOf(atLeast(6), ['fast'], [...measurements, lossy('ours')])).toEqual([
      'slow, round 2: 3 messages lost',
    ]);
  });
});
