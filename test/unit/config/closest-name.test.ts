import { expect, test } from '@jest/globals';
import { closestName } from '../../../src/adapters/config/closest-name.js';

const known = ['host', 'port', 'packetBytesMax', 'queueBytesMax'];

test.each([
  ['prot', 'port'],
  ['Port', 'port'],
  ['pot', 'port'],
  ['ports', 'port'],
  ['packet_bytes_max', 'packetBytesMax'],
  ['packet-byte-max', 'packetBytesMax'],
  ['quueBytesMax', 'queueBytesMax'],
])('%s most likely means %s', (typed, name) => {
  expect(closestName(typed, known)).toBe(name);
});

test.each(['level', 'x', '', 'tls', 'retainedMessages'])('%j is like none of them', (typed) => {
  expect(closestName(typed, known)).toBeUndefined();
});

test('nothing is like no names', () => {
  expect(closestName('port', [])).toBeUndefined();
});
