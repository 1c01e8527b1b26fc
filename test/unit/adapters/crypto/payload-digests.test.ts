import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LanedPayloadDigests } from '../../../../src/adapters/crypto/laned-payload-digests.js';
import { NodeDigest } from '../../../../src/adapters/crypto/node-digest.js';
import { LANE_PAYLOAD_MAX } from '../../../../src/adapters/crypto/sha256-lanes.js';
import { SinglePayloadDigests } from '../../../../src/adapters/crypto/single-payload-digests.js';
import { DIGEST_LENGTH, type PayloadDigests } from '../../../../src/domain/audit/payload-digests.js';

const makers: [name: string, make: () => PayloadDigests][] = [
  ['four at a time', () => LanedPayloadDigests.make() as PayloadDigests],
  ['one by one', () => new SinglePayloadDigests()],
];

/** Adds a payload that stands somewhere in a buffer, which is used again. @returns the digest that is expected. */
const buffer = Buffer.alloc(65_536);
function add(digests: PayloadDigests, payload: Uint8Array, start = 3): string {
  buffer.set(payload, start);
  digests.add(buffer, start, start + payload.length);
  buffer.fill(0xee);
  return hash('sha256', payload, 'base64url');
}

/** Bytes that differ from one payload to the next. */
const payload = (n: number, length: number): Uint8Array => Buffer.alloc(length, `${n};`);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(makers)('Digests that are made %s', (_, make) => {
  test('are right for each length of a payload, up to beyond that of those digested together', () => {
    const digests = make();
    const expected = numbers(LANE_PAYLOAD_MAX + 20).map((n) => add(digests, payload(n, n)));
    expect(digests.take(expected.length)).toBe(expected.join(''));
  });

  test('are right for each byte that a payload may consist of', () => {
    const digests = make();
    const expected = numbers(256).map((byte) => add(digests, new Uint8Array(70).fill(byte)));
    expect(digests.take(256)).toBe(expected.join(''));
  });

  test('are right whatever the lengths of those digested together, and wherever they stood', () => {
    const payloads = fc.array(
      fc.tuple(fc.uint8Array({ maxLength: LANE_PAYLOAD_MAX + 30, size: 'max' }), fc.nat(40)),
      { maxLength: 30 },
    );
    const digests = make();
    fc.assert(
      fc.property(payloads, (all) => {
        const expected = all.map(([bytes, start]) => add(digests, bytes, start));
        expect(digests.take(expected.length)).toBe(expected.join(''));
      }),
    );
  });

  test('come in order, however many wait and are taken at a time', () => {
    const steps = fc.array(fc.tuple(fc.nat(900), fc.nat(900)), { minLength: 20, maxLength: 40 });
    const digests = make();
    let waiting: string[] = [];
    let n = 0;
    fc.assert(
      fc.property(steps, (all) => {
        for (const [added, taken] of all) {
          for (let i = 0; i < added; i++, n++)
            waiting.push(add(digests, payload(n, n % 97 === 0 ? 5000 : n % 9)));
          const text = digests.take(Math.min(taken, waiting.length));
          const count = text.length / DIGEST_LENGTH;
          expect(text).toBe(waiting.slice(0, count).join(''));
          waiting = waiting.slice(count);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('of payloads that are long and short in turns come in order', () => {
    const digests = make();
    const lengths = [10, 20_000, 30, 40, 248, 60, 70, 80, 90, 247];
    const expected = lengths.map((length, n) => add(digests, payload(n, length)));
    expect(digests.take(4)).toBe(expected.slice(0, 4).join(''));
    expect(digests.take(6)).toBe(expected.slice(4).join(''));
  });

  test('are none where none is asked for', () => {
    expect(make().take(0)).toBe('');
  });
});

test.each([
  ['there is no WebAssembly', undefined],
  ['WebAssembly has no vectors', { validate: () => false }],
])('Payloads are digested one by one where %s', (_, replacement) => {
  const { WebAssembly } = globalThis as { WebAssembly?: unknown };
  Object.assign(globalThis, { WebAssembly: replacement });
  try {
    const digests = new NodeDigest().payloads();
    expect(digests).toBeInstanceOf(SinglePayloadDigests);
    expect(digests.take(0) + add(digests, payload(1, 100))).toHaveLength(DIGEST_LENGTH);
  } finally {
    Object.assign(globalThis, { WebAssembly });
  }
});

test('Payloads are digested four at a time where they can be', () => {
  expect(new NodeDigest().payloads()).toBeInstanceOf(LanedPayloadDigests);
});
