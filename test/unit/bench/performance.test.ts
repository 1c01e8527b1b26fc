import { describe, expect, test } from '@jest/globals';
import type { ComparisonRow } from '../../bench/comparison.js';
import { barChart } from '../../bench/performance/bar-chart.js';
import { charts } from '../../bench/performance/charts.js';
import { lineChart } from '../../bench/performance/line-chart.js';
import { goalsOf, PARTS } from '../../bench/performance/parts.js';
import { performancePage } from '../../bench/performance/performance-page.js';
import { betterOf, changesOf } from '../../bench/performance/quick-command.js';
import { linearScale, logarithmicScale, shortNumber } from '../../bench/performance/scale.js';
import { SUITES } from '../../bench/plan.js';
import { slopeOf } from '../../bench/scale/soak.js';
import type { SuiteRecord } from '../../bench/suite-record.js';

const row = (scenario: string, key: string, medians: Record<string, number>): ComparisonRow => ({
  ...{ scenario, medians },
  figure: { key, label: key, digits: 0, isCompared: true },
  ratios: { mosquitto: (medians['surety-acl'] ?? 0) / (medians['mosquitto'] ?? 1) },
});

const record = (suite: string, ...rows: ComparisonRow[]): SuiteRecord => ({
  ...{ suite, rows, at: '2026-01-02T03:04:05.000Z', commit: 'abc1234', pinning: undefined },
  machine: { cpu: 'a processor', cores: 2, memoryGib: 8, system: 'linux', node: 'v20' },
  versions: { present: { 'surety-acl': '1', mosquitto: '2' }, absent: {} },
  ...{ rounds: 3, measureSeconds: 2, warmupSeconds: 1, measurements: [] },
});

describe('a scale', () => {
  test('of powers of ten has every factor take the same room', () => {
    const scale = logarithmicScale(20, 50_000);
    expect(scale.ticks).toEqual([10, 100, 1000, 10_000, 100_000]);
    expect([10, 100, 100_000].map((value) => scale.at(value))).toEqual([0, 0.25, 1]);
  });

  test('that begins at nothing ends at a round number', () => {
    expect(linearScale(87).ticks).toEqual([0, 25, 50, 75, 100]);
    expect(linearScale(87).at(50)).toBe(0.5);
  });

  test('is lettered shortly', () => {
    expect([0.25, 12, 1500, 2_500_000].map(shortNumber)).toEqual(['0.25', '12', '1.5k', '2.5M']);
  });
});

describe('a chart', () => {
  test('of bars has a bar for each number, and none where nothing was measured', () => {
    const svg = barChart({
      ...{ title: 'a & b', unit: 'a second', peers: ['one', 'two'] },
      groups: [
        { label: 'first', values: { one: 10, two: 1000 } },
        { label: 'second', values: { one: 100 } },
      ],
    });
    expect(svg.match(/<rect [^>]*height="12"/g)).toHaveLength(3);
    expect(svg).toContain('<title>a &amp; b</title>');
  });

  test('of lines has a mark for each point, the highest at the top', () => {
    const points = [
      [10, 0],
      [1000, 100],
    ] as const;
    const svg = lineChart({
      ...{ title: 't', unit: 'µs', xLabel: 'n', isLogarithmic: true },
      lines: [{ name: 'line', points }],
    });
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('points="64.0,292.0 736.0,64.0"');
  });

  test('says so when nothing was measured', () => {
    for (const svg of Object.values(charts(new Map()))) expect(svg).toContain('not measured');
  });
});

describe('the page of figures', () => {
  test('has a row for all that is asked, met or not', () => {
    const throughput = record(
      'throughput',
      row('qos0-pair', 'delivered_per_s', { 'surety-acl': 1300, mosquitto: 100 }),
      row('qos0-pairs', 'delivered_per_s', { 'surety-acl': 1000, mosquitto: 100 }),
    );
    const page = performancePage(new Map([['throughput', throughput]]));
    expect(page).toContain('| qos0-pair, delivered_per_s over mosquitto | at least 12 x | 13 x | met |');
    expect(page).toContain(
      '| qos0-pairs, delivered_per_s over mosquitto | at least 11 x | 10 x | **missed** |',
    );
    expect(page).toContain('| soak-100k, mb_per_min | at most 1 | not measured | **missed** |');
  });

  test('tells of machine, versions and commit', () => {
    const page = performancePage(new Map([['throughput', record('throughput')]]));
    expect(page).toContain('a processor, 2 processors, 8 GiB, linux');
    expect(page).toContain('Node.js v20; Surety 1, mosquitto 2');
    expect(page).toContain('Measured 2026-01-02 at abc1234');
  });
});

describe('the comparison with the last report', () => {
  const suite = {
    subject: 'surety-acl',
    minimums: [
      { scenario: 'fast', figure: 'rate', reference: 'mosquitto', min: 2 },
      { scenario: 'small', figure: 'bytes', max: 10 },
      { scenario: 'other', figure: 'rate', min: 2 },
    ],
  };

  test('tells by how much what is asked has become worse, whichever way that is', () => {
    const before = [
      row('fast', 'rate', { 'surety-acl': 400, mosquitto: 100 }),
      row('small', 'bytes', { 'surety-acl': 8 }),
    ];
    const now = [
      row('fast', 'rate', { 'surety-acl': 600, mosquitto: 200 }),
      row('small', 'bytes', { 'surety-acl': 10 }),
    ];
    const changes = changesOf(suite, before, now);
    expect(changes.map(({ before, now, fall }) => [before, now, fall])).toEqual([
      [4, 3, 0.25],
      [8, 10, 0.25],
    ]);
  });

  test('counts what is better below 0', () => {
    const before = [row('fast', 'rate', { 'surety-acl': 400, mosquitto: 100 })];
    const now = [row('fast', 'rate', { 'surety-acl': 500, mosquitto: 100 })];
    expect(changesOf(suite, before, now)[0]?.fall).toBeLessThan(0);
  });

  test('takes the better of two measurements, where there are two', () => {
    const rates = (mosquitto: number): ComparisonRow[] => [
      row('fast', 'rate', { 'surety-acl': 400, mosquitto }),
      row('small', 'bytes', { 'surety-acl': 8 }),
    ];
    const changesTo = (now: readonly ComparisonRow[]) => changesOf(suite, rates(100), now);
    const fast = changesTo(rates(200));
    expect(betterOf(fast, changesTo([rates(110)[0]!])).map(({ now }) => now)).toEqual([400 / 110, 8]);
    expect(betterOf(fast, changesTo([rates(400)[0]!]))).toEqual(fast);
  });
});

describe('the parts of the report', () => {
  test('are suites, and ask for figures that their scenarios have', () => {
    for (const part of PARTS) {
      const { suite, only = [] } = part;
      expect(SUITES).toContain(suite);
      for (const name of only) expect(suite.scenarios.map((one) => one.name)).toContain(name);
      expect(goalsOf(part).length).toBeGreaterThan(0);
      for (const { scenario, figure } of goalsOf(part)) {
        const keys = suite.scenarios.find(({ name }) => name === scenario)?.figures.map(({ key }) => key);
        expect(keys).toContain(figure);
      }
    }
  });
});

describe('the slope of memory', () => {
  test('is that of the line through all readings', () => {
    expect(
      slopeOf([
        [0, 100],
        [1, 102],
        [2, 104],
      ]),
    ).toBeCloseTo(2);
    expect(
      slopeOf([
        [0, 100],
        [1, 104],
        [2, 100],
      ]),
    ).toBeCloseTo(0);
  });
});
