import { expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';

const clock = new SystemClock();

test('it tells whole milliseconds since the epoch, near to those of the wall clock', () => {
  expect(Number.isInteger(clock.nowMs())).toBe(true);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1000);
});

test('it goes on when the wall clock is set back', () => {
  const { now } = Date;
  const before = clock.nowMs();
  try {
    Date.now = () => 0;
    expect(clock.nowMs()).toBeGreaterThanOrEqual(before);
  } finally {
    Date.now = now;
  }
});

test('the time of a turn of the event loop stands still until the next, which has its own', async () => {
  const first = clock.turnMs();
  while (clock.nowMs() < first + 3);
  expect(clock.turnMs()).toBe(first);
  await new Promise(setImmediate);
  expect(clock.turnMs()).toBeGreaterThanOrEqual(first + 3);
});

test('it ticks again and again, until it is stopped', async () => {
  let ticks = 0;
  let stop = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    stop = clock.every(1, () => {
      ticks += 1;
      if (ticks === 3) resolve();
    });
  });
  const alive = setTimeout(() => undefined, 5000);
  await seen;
  stop();
  clearTimeout(alive);
  const ticksAtStop = ticks;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ticks).toBe(ticksAtStop);
});

test('a tick alone does not keep the process alive', () => {
  const timersThatHold = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timersThatHold();
  const stop = clock.every(60_000, () => undefined);
  const during = timersThatHold();
  stop();
  expect(during).toBe(before);
});

test.each([0, 0.5, -1, Number.NaN, 2 ** 31])('an interval of %d ms is refused', (intervalMs) => {
  expect(() => clock.every(intervalMs, () => undefined)).toThrow('no timer takes an interval');
});
