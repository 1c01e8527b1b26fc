import { expect, test } from '@jest/globals';
import { FlushSchedule } from '../../../src/adapters/mqtt/flush-schedule.js';

const fail = (error: unknown): void => {
  throw error;
};
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks is flushed once, at the end of the tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  schedule.add({ flush: () => flushed.push('a'), fail });
  schedule.add({ flush: () => flushed.push('b'), fail });
  expect(flushed).toEqual([]);
  await tick();
  expect(flushed).toEqual(['a', 'b']);
  await tick();
  expect(flushed).toEqual(['a', 'b']);
});

test('who asks during a flush is flushed in the next tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: number[] = [];
  const flushable = {
    fail,
    flush: () => {
      flushed.push(flushed.length);
      if (flushed.length < 3) schedule.add(flushable);
    },
  };
  schedule.add(flushable);
  await tick();
  expect(flushed).toEqual([0]);
  await tick();
  await tick();
  expect(flushed).toEqual([0, 1, 2]);
});

test('one that fails is told so, and keeps nobody else from being flushed', async () => {
  const schedule = new FlushSchedule();
  const seen: unknown[] = [];
  const fault = new Error('planted');
  schedule.add({ flush: () => fail(fault), fail: (error) => seen.push(error) });
  schedule.add({ flush: () => seen.push('flushed'), fail });
  await tick();
  expect(seen).toEqual([fault, 'flushed']);
});
