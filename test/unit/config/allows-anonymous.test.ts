import { expect, test } from '@jest/globals';
import { allowsAnonymous } from '../../../src/adapters/config/allows-anonymous.js';

test.each([
  '127.0.0.1',
  '127.8.9.10',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  'localhost',
  'LocalHost',
])('a listener on %s takes anonymous clients unless told otherwise', (host) => {
  expect(allowsAnonymous({ host, allowAnonymous: undefined })).toBe(true);
  expect(allowsAnonymous({ host, allowAnonymous: false })).toBe(false);
});

test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', '127.0.0.1.example.org', 'broker.example.org'])(
  'a listener on %s takes none unless told otherwise',
  (host) => {
    expect(allowsAnonymous({ host, allowAnonymous: undefined })).toBe(false);
    expect(allowsAnonymous({ host, allowAnonymous: true })).toBe(true);
  },
);
