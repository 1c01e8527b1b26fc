import { describe, expect, test } from '@jest/globals';
import { PeerList, plainAddress } from '../../../src/adapters/transport/peer-address.js';
import { parseProxyHeader } from '../../../src/adapters/transport/proxy-header.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const v2 = (hex: string): Buffer => Buffer.from(SIGNATURE + hex, 'hex');
const IPV4 = 'cb007107' + 'c6336401' + 'dc0422b3';
const IPV6 = '20010db8000000000000000000000007' + '20010db8000000000000000000000001' + 'dc0422b3';
const MAPPED = '00000000000000000000ffffcb007107' + '20010db8000000000000000000000001' + 'dc0422b3';

const HEADERS: readonly [name: string, header: Buffer, address: string | undefined][] = [
  ['version 1, IPv4', Buffer.from('PROXY TCP4 203.0.113.7 198.51.100.1 56324 8883\r\n'), '203.0.113.7'],
  ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n'), '2001:db8::7'],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['version 1, unknown, with more', Buffer.from('PROXY UNKNOWN ffff:f::1 a b c\r\n'), undefined],
  ['version 2, IPv4', v2(`2111000c${IPV4}`), '203.0.113.7'],
  ['version 2, IPv4, with type-length-values', v2(`21110014${IPV4}04000500000000ff`), '203.0.113.7'],
  ['version 2, IPv6', v2(`21210024${IPV6}`), '2001:db8::7'],
  ['version 2, IPv4 in IPv6', v2(`21210024${MAPPED}`), '203.0.113.7'],
  ['version 2, of the proxy itself', v2('20000000'), undefined],
  ['version 2, a Unix socket', v2('2131000101'), undefined],
];

describe('a PROXY header', () => {
  test.each(HEADERS)('is read: %s', (_, header, address) => {
    expect(parseProxyHeader(header)).toEqual({ length: header.length, address });
    const followed = Buffer.concat([header, Buffer.from('behind it')]);
    expect(parseProxyHeader(followed)).toEqual({ length: header.length, address });
  });

  test.each(HEADERS)('is waited for, byte by byte: %s', (_, header) => {
    for (let length = 0; length < header.length; length += 1)
      expect(parseProxyHeader(header.subarray(0, length))).toBe('incomplete');
  });

  test.each([
    ['MQTT', Buffer.from('101000044d515454', 'hex')],
    ['TLS', Buffer.from('16030100', 'hex')],
    ['another word', Buffer.from('PROXZ')],
    ['no protocol', Buffer.from('PROXY \r\n')],
    ['no addresses', Buffer.from('PROXY TCP4\r\n')],
    ['an address of the other family', Buffer.from('PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n')],
    ['a name for an address', Buffer.from('PROXY TCP4 localhost 127.0.0.1 1 2\r\n')],
    ['a port too high', Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1 65536\r\n')],
    ['one port', Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1\r\n')],
    ['a line without end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}`)],
    ['version 3', v2('3111000c' + IPV4)],
    ['an unknown command', v2('2211000c' + IPV4)],
    ['an unknown family', v2('2141000c' + IPV4)],
    ['a block too short for its family', v2('21110004cb007107')],
    ['a length beyond reason', v2('2111ffff')],
  ])('is refused where it is malformed: %s', (_, bytes) => {
    expect(parseProxyHeader(bytes)).toBe('malformed');
  });
});

describe('a list of peers', () => {
  const peers = new PeerList(['10.1.0.0/16', '192.0.2.1', '2001:db8::/32', 'unix']);

  test.each(['10.1.255.255', '192.0.2.1', '2001:db8:1::1', 'unix'])('has %s', (address) =>
    expect(peers.has(address)).toBe(true),
  );
  test.each(['10.2.0.0', '192.0.2.2', '2001:db9::1', 'unknown', ''])('has not %s', (address) =>
    expect(peers.has(address)).toBe(false),
  );
  test('has no Unix peers unless it says so', () => {
    expect(new PeerList(['0.0.0.0/0']).has('unix')).toBe(false);
  });
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:1', '::ffff:1'],
])('%s is shown as %s', (address, shown) => {
  expect(plainAddress(address)).toBe(shown);
});
