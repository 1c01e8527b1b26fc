import { expect, test } from '@jest/globals';
import { BufferPool } from '../../../src/adapters/mqtt/buffer-pool.js';

test('a buffer is at least as large as was asked for, and small for small needs', () => {
  const pool = new BufferPool();
  expect([1, 512, 513, 5000, 65_536, 65_537].map((bytes) => pool.lend(bytes).length)).toEqual([
    512, 512, 4096, 16_384, 65_536, 65_537,
  ]);
});

test('two that are lent at the same time are different', () => {
  const pool = new BufferPool();
  const [first, second] = [pool.lend(100), pool.lend(100)];
  expect(first).not.toBe(second);
  pool.giveBack(first);
  expect(pool.lend(100)).toBe(first);
});

test('a larger one than the pool lends is not kept', () => {
  const pool = new BufferPool();
  const large = pool.lend(100_000);
  pool.giveBack(large);
  expect(pool.lend(100_000)).not.toBe(large);
});

test('not more free buffers are kept than a bound', () => {
  const pool = new BufferPool();
  const lent = Array.from({ length: 500 }, () => pool.lend(512));
  for (const buffer of lent) pool.giveBack(buffer);
  const known = new Set(lent);
  const again = Array.from({ length: 500 }, () => pool.lend(512)).filter((buffer) => known.has(buffer));
  expect(again.length).toBeGreaterThan(0);
  expect(again.length).toBeLessThanOrEqual(64);
});
