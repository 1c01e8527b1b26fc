import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ThreadedPayloadDigests } from '../../../src/adapters/crypto/threaded-payload-digests.js';
import { DIGEST_LENGTH } from '../../../src/domain/audit/payload-digests.js';
import { waitUntil } from '../../support/wait-until.js';

const PROGRAM = new URL('../../../src/adapters/crypto/payload-thread.ts', import.meta.url);
const MISSING = new URL('../../../src/adapters/crypto/no-such-thread.ts', import.meta.url);
const LOADER = new URL('../../support/register-typescript.js', import.meta.url);

function open(program = PROGRAM): ThreadedPayloadDigests {
  return new ThreadedPayloadDigests(program, { execArgv: ['--import', LOADER.href] });
}

/** The n-th payload, of that many bytes, somewhere in a buffer that is used again for each. */
const buffer = Buffer.alloc(32_768);
function payload(n: number, length = (n * 37) % 300): [Buffer, number, number] {
  const start = n % 11;
  buffer.fill(`${n};`, start, start + length);
  return [buffer, start, start + length];
}

function add(digests: ThreadedPayloadDigests, n: number, length?: number): string {
  const [bytes, start, end] = payload(n, length);
  digests.add(bytes, start, end);
  return hash('sha256', bytes.subarray(start, end), 'base64url');
}

const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

test('are made by a thread, which the caller doesn\u2019t wait for', async () => {
  const digests = open();
  const expected = numbers(100).map((n) => add(digests, n));
  expect(digests.take(50)).toBe(expected.slice(0, 50).join(''));
  const more = numbers(310, 100).map((n) => add(digests, n));
  // It isn't told of the last ones, which are too few.
  await waitUntil(() => digests.ready >= 330, 'the thread to make digests');
  expect(digests.take(360)).toBe([...expected.slice(50), ...more].join(''));
});

test('are made by the thread again after it has fallen asleep for want of any', async () => {
  const digests = open();
  for (let burst = 0; burst < 2; burst++) {
    const expected = numbers(320, 320 * burst).map((n) => add(digests, n));
    await waitUntil(() => digests.ready > 300, 'the thread to make digests');
    await waitUntil(() => digests.isAsleep, 'the thread to fall asleep');
    expect(digests.take(320)).toBe(expected.join(''));
  }
});

test('are made all the same where the thread has failed', () => {
  const digests = open(MISSING);
  const expected = numbers(500).map((n) => add(digests, n));
  expect(digests.take(500)).toBe(expected.join(''));
  expect(digests.ready).toBe(0);
});

test('of payloads too large to share, and of more than have room, come in order', () => {
  const digests = open();
  const expected = numbers(20_000).map((n) => add(digests, n, n % 100 === 7 ? 20_000 : undefined));
  expect(digests.take(3)).toBe(expected.slice(0, 3).join(''));
  expect(digests.take(19_000)).toBe(expected.slice(3, 19_003).join(''));
  expect(digests.take(997)).toBe(expected.slice(19_003).join(''));
});

test('are right whatever the thread has got to', async () => {
  const digests = open();
  const steps = fc.array(fc.tuple(fc.nat(900), fc.nat(900), fc.boolean()), { minLength: 20, maxLength: 40 });
  let n = 0;
  let waiting: string[] = [];
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      for (const [added, taken, isPaused] of all) {
        waiting.push(...numbers(added).map(() => add(digests, n++)));
        if (isPaused) await new Promise(setImmediate);
        const text = digests.take(Math.min(taken, waiting.length));
        const count = text.length / DIGEST_LENGTH;
        expect(text).toBe(waiting.slice(0, count).join(''));
        waiting = waiting.slice(count);
      }
    }),
    { numRuns: 20 },
  );
});
