import { describe, expect, test } from '@jest/globals';
import { LatencyHistogram } from '../../bench/load/latency-histogram.js';

const histogramOf = (values: Iterable<number>): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

describe('the latency histogram', () => {
  test('answers 0 when nothing was recorded', () => {
    expect(new LatencyHistogram().percentileUs(0.5)).toBe(0);
  });

  test('is exact below 128 microseconds', () => {
    for (let value = 0; value < 128; value++) expect(histogramOf([value]).percentileUs(1)).toBe(value);
  });

  test('is within one part in 128 from there to the largest latency', () => {
    for (const value of [128, 129, 1000, 4095, 4096, 65_537, 1_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      const error = Math.abs(histogramOf([value]).percentileUs(0.5) - value) / value;
      expect(error).toBeLessThanOrEqual(1 / 128);
    }
  });

  test('takes the nearest rank', () => {
    const hundred = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(hundred.count).toBe(100);
    expect([0.01, 0.5, 0.99, 0.999, 1].map((p) => hundred.percentileUs(p))).toEqual([1, 50, 99, 100, 100]);
  });

  test('tells the rare slow ones from the many fast ones', () => {
    const values = [...Array.from({ length: 998 }, () => 10), 5_000, 5_000];
    const histogram = histogramOf(values);
    expect(histogram.percentileUs(0.99)).toBe(10);
    expect(Math.abs(histogram.percentileUs(0.999) - 5_000)).toBeLessThan(5_000 / 64);
  });

  test('never lets a larger latency report as a smaller one', () => {
    let previous = -1;
    for (let value = 0; value < 20_000; value += 3) {
      const reported = histogramOf([value]).percentileUs(1);
      expect(reported).toBeGreaterThanOrEqual(previous);
      previous = reported;
    }
  });
});
