import { expect, test } from '@jest/globals';
import { ManualClock } from '../../support/manual-clock.js';

test('time stands still until it is turned', () => {
  const clock = new ManualClock(100);
  expect(clock.nowMs()).toBe(100);
  clock.advance(5);
  expect(clock.nowMs()).toBe(105);
});

test('ticks fire in order of time, each at its own due time', () => {
  const clock = new ManualClock(0);
  const fired: string[] = [];
  clock.every(30, () => fired.push(`slow ${clock.nowMs()}`));
  clock.every(20, () => fired.push(`fast ${clock.nowMs()}`));
  clock.advance(60);
  expect(fired).toEqual(['fast 20', 'slow 30', 'fast 40', 'slow 60', 'fast 60']);
  clock.advance(19);
  expect(fired).toHaveLength(5);
  clock.advance(1);
  expect(fired.at(-1)).toBe('fast 80');
});

test('a stopped tick does not fire again, even when it falls due in the same turn', () => {
  const clock = new ManualClock(0);
  let count = 0;
  const stop = clock.every(10, () => {
    count += 1;
    stop();
  });
  clock.advance(100);
  expect([count, clock.tickerCount]).toEqual([1, 0]);
});

test('a tick that is begun by another counts from that moment', () => {
  const clock = new ManualClock(0);
  const fired: number[] = [];
  const stop = clock.every(10, () => {
    stop();
    clock.every(5, () => fired.push(clock.nowMs()));
  });
  clock.advance(20);
  expect(fired).toEqual([15, 20]);
});

test('neither an interval of 0 nor a turn backwards is taken', () => {
  const clock = new ManualClock();
  expect(() => clock.every(0, () => undefined)).toThrow(RangeError);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => clock.advance(Number.NaN)).toThrow(RangeError);
});
