import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { NodeDigest } from '../../../../src/adapters/crypto/node-digest.js';

const digest = new NodeDigest();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test.each([
  ['nothing', []],
  ['a text', ['abc']],
  ['bytes and a text', [new Uint8Array([1, 2, 255]), 'Zoë \u{1f600}']],
  ['what just fits one buffer', ['x'.repeat(5461)]],
  ['what is longer than one buffer', ['x'.repeat(5000), 'é'.repeat(20_000), new Uint8Array(70_000)]],
])('takes SHA-256 of %s', (_, parts) => {
  const expected = createHash('sha256');
  for (const part of parts) expected.update(part);
  expect(hex(digest.sha256(...parts))).toBe(expected.digest('hex'));
});

test('what it returned stays as it is', () => {
  const first = digest.sha256('one');
  const before = hex(first);
  digest.sha256('two');
  expect(hex(first)).toBe(before);
});
