import { expect, test } from '@jest/globals';
import { BufferPool } from '../../../src/adapters/mqtt/buffer-pool.js';
import { FlushSchedule } from '../../../src/adapters/mqtt/flush-schedule.js';
import { Outbox } from '../../../src/adapters/mqtt/outbox.js';
import { FakeStream } from '../../support/fake-stream.js';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const makeOutbox = () => {
  const stream = new FakeStream();
  let flushes = 0;
  const outbox = new Outbox(stream, new BufferPool(), new FlushSchedule(), {
    flushed: () => (flushes += 1),
    fail: (error) => {
      throw error;
    },
  });
  stream.listen({ received: () => undefined, closed: () => undefined, written: () => void outbox.written() });
  const put = (text: string): void => {
    const buffer = outbox.reserve(text.length);
    buffer.write(text, outbox.advance(text.length), 'latin1');
  };
  return { stream, outbox, put, flushes: () => flushes };
};

test('all that is put in during a tick leaves in one write at its end', async () => {
  const { stream, put, flushes } = makeOutbox();
  for (let i = 0; i < 100; i += 1) put(`${i} `);
  expect(stream.writeCount).toBe(0);
  await tick();
  expect([stream.writeCount, flushes()]).toEqual([1, 1]);
  expect(stream.takeSent().toString()).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(''));
});

test('ranges that follow each other in a chunk leave as one, without a copy', async () => {
  const { stream, outbox } = makeOutbox();
  const chunk = Buffer.from('abcdefghij');
  outbox.pass(chunk, 2, 4);
  outbox.pass(chunk, 4, 7);
  stream.stall();
  await tick();
  expect([stream.writeCount, stream.waitingBytes]).toEqual([1, 5]);
  // The same memory: what changes in the chunk changes in what waits.
  chunk.fill('!');
  stream.take();
  expect(stream.takeSent().toString()).toBe('!!!!!');
});

test('while the network is behind, little gathers in memory of our own and leaves when the network goes on', async () => {
  const { stream, outbox, put } = makeOutbox();
  stream.stall();
  put('first');
  await tick();
  expect([stream.writeCount, outbox.isBehind]).toEqual([1, true]);
  put('second');
  await tick();
  put('third');
  await tick();
  expect([stream.writeCount, outbox.waitingBytes]).toEqual([1, 16]);
  stream.take();
  await tick();
  expect([stream.writeCount, outbox.isBehind]).toEqual([2, true]);
  stream.flow();
  await tick();
  expect(stream.takeSent().toString()).toBe('firstsecondthird');
  expect([outbox.waitingBytes, outbox.isBehind]).toEqual([0, false]);
});

test('a flush that is asked for with nothing to write tells its owner all the same', async () => {
  const { stream, outbox, flushes } = makeOutbox();
  outbox.scheduleFlush();
  await tick();
  expect([stream.writeCount, flushes()]).toEqual([0, 1]);
});

test('what was gathered for a connection that is gone is dropped', async () => {
  const { stream, outbox, put } = makeOutbox();
  put('never sent');
  outbox.clear();
  await tick();
  expect([stream.writeCount, outbox.waitingBytes]).toEqual([0, 0]);
});
