import { expect, test } from '@jest/globals';
import { QueueAge } from '../../../../src/domain/session/queue-age.js';

test('the age of a queue is that of its oldest message, also while others come and go', () => {
  const age = new QueueAge();
  // One message a second comes, and each waits three seconds.
  const ages = Array.from({ length: 10 }, (_, second) =>
    age.sample(second * 1000, second, Math.min(second, 3)),
  );
  expect(ages).toEqual([0, 0, 1000, 2000, 2000, 2000, 2000, 2000, 2000, 2000]);
});

test('what waited before anybody looked keeps its age until it is gone', () => {
  const age = new QueueAge();
  age.since(5, 1000);
  expect(age.sample(61_000, 7, 3)).toBe(60_000);
  expect(age.sample(62_000, 7, 2)).toBe(1000);
});

test('a long wait is remembered in few marks, and stays exact to a part of itself', () => {
  const age = new QueueAge();
  for (let second = 1; second <= 10_000; second += 1) age.sample(second * 1000, second, second);
  const waited = age.sample(10_000_000, 10_000, 5000) / 1000;
  expect(waited).toBeLessThanOrEqual(5000);
  expect(waited).toBeGreaterThan(4000);
});
