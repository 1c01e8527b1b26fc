import { expect, test } from '@jest/globals';
import { FlushSchedule } from '../../../src/adapters/mqtt/flush-schedule.js';

const fail = (error: unknown): void => {
  throw error;
};
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const flushable = (flush: () => void, failed: (error: unknown) => void = fail) => ({
  earlyTick: -1,
  flush,
  fail: failed,
});

test('who asks is flushed once, at the end of the tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  schedule.add(flushable(() => flushed.push('a')));
  schedule.add(flushable(() => flushed.push('b')));
  expect(flushed).toEqual([]);
  await tick();
  expect(flushed).toEqual(['a', 'b']);
  await tick();
  expect(flushed).toEqual(['a', 'b']);
});

test('who asks during a flush is flushed in the next tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: number[] = [];
  const again = flushable(() => {
    flushed.push(flushed.length);
    if (flushed.length < 3) schedule.add(again);
  });
  schedule.add(again);
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
  const failing = flushable(
    () => fail(fault),
    (error) => seen.push(error),
  );
  schedule.add(failing);
  schedule.add(flushable(() => seen.push('flushed')));
  await tick();
  expect(seen).toEqual([fault, 'flushed']);
  schedule.add(failing);
  schedule.add(flushable(() => seen.push('flushed')));
  schedule.chunkHandled(100);
  expect(seen).toEqual([fault, 'flushed', fault, 'flushed']);
});

test('an early flush takes who asked so far, and they are not flushed again at the end of the tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  schedule.add(flushable(() => flushed.push('a')));
  schedule.chunkHandled(100);
  schedule.add(flushable(() => flushed.push('b')));
  schedule.chunkHandled(100);
  expect(flushed).toEqual(['a', 'b']);
  await tick();
  expect(flushed).toEqual(['a', 'b']);
});

test('each is flushed early once a tick; what it asks for after that waits for the end of the tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  const a = flushable(() => flushed.push('a'));
  for (const wanted of [a, flushable(() => flushed.push('b')), a, flushable(() => flushed.push('c')), a]) {
    schedule.add(wanted);
    schedule.chunkHandled(100);
  }
  expect(flushed).toEqual(['a', 'b', 'c']);
  await tick();
  expect(flushed).toEqual(['a', 'b', 'c', 'a', 'a']);
  schedule.add(a);
  schedule.chunkHandled(100);
  expect(flushed).toEqual(['a', 'b', 'c', 'a', 'a', 'a']);
});

test('who asks during an early flush waits for the end of the tick', async () => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  const late = flushable(() => flushed.push('late'));
  schedule.add(
    flushable(() => {
      flushed.push('first');
      schedule.add(late);
    }),
  );
  schedule.chunkHandled(100);
  schedule.chunkHandled(100);
  expect(flushed).toEqual(['first']);
  await tick();
  expect(flushed).toEqual(['first', 'late']);
});

test.each([
  ['after a large chunk', [5000]],
  ['after many chunks', Array.from({ length: 9 }, () => 10)],
])('%s nobody is flushed before the end of this tick and of the next', async (_, chunks) => {
  const schedule = new FlushSchedule();
  const flushed: string[] = [];
  for (const bytes of chunks) schedule.chunkHandled(bytes);
  for (const name of ['a', 'b', 'c']) {
    schedule.add(flushable(() => flushed.push(name)));
    schedule.chunkHandled(100);
    const isEarly = flushed.includes(name);
    await tick();
    expect([name, isEarly]).toEqual([name, name === 'c']);
  }
});
