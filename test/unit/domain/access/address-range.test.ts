import { expect, test } from '@jest/globals';
import { isInRange, parseAddressRange } from '../../../../src/domain/access/address-range.js';

test.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['10.0.0.0/9', '10.127.255.255', true],
  ['10.0.0.0/9', '10.128.0.0', false],
  ['0.0.0.0/0', '203.0.113.7', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/33', '2001:db8:8000::', false],
  ['::1', '::1', true],
  ['::/0', '192.0.2.1', true],
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  ['::ffff:192.0.2.0/120', '192.0.2.9', true],
  ['fe80::1', 'fe80::1%eth0', true],
  ['192.0.2.1', 'unix', false],
  ['192.0.2.1', '', false],
])('%s holds %s: %s', (range, address, isHeld) => {
  const parsed = parseAddressRange(range);
  expect(parsed && isInRange(parsed, parseAddressRange(address))).toBe(isHeld);
});

test.each([
  ...['', 'host', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/-1', '::/129'],
  ...[
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1.2.3',
    'g::',
    '1:2:3:4:5:6:7::8:9',
  ],
])('%s is no range', (text) => {
  expect(parseAddressRange(text)).toBeUndefined();
});
