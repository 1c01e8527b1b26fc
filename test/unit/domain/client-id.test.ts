import { expect, test } from '@jest/globals';
import { parseClientId, utf8Length } from '../../../src/domain/client-id.js';

test.each(['a', 'clean retained', 'ünïcödé', '0123456789'.repeat(3), ' ', '/+#'])(
  'the client id %j is taken as it is',
  (raw) => {
    expect(parseClientId(raw, 100)).toBe(raw);
  },
);

test('an empty client id is none', () => {
  expect(parseClientId('', 100)).toBeUndefined();
});

test('the limit counts UTF-8 bytes, and the limit itself still passes', () => {
  expect(parseClientId('a'.repeat(23), 23)).toBeDefined();
  expect(parseClientId('a'.repeat(24), 23)).toBeUndefined();
  expect(parseClientId('é'.repeat(11), 23)).toBeDefined();
  expect(parseClientId('é'.repeat(12), 23)).toBeUndefined();
});

test.each(['', 'a', '\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}', 'aé€😀'])(
  'the length of %j is that of its UTF-8 form',
  (text) => {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  },
);
