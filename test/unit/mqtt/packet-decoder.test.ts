import { describe, expect, test } from '@jest/globals';
import { CurrentFrame } from '../../../src/adapters/mqtt/current-frame.js';
import { PacketDecoder } from '../../../src/adapters/mqtt/packet-decoder.js';
import { TopicCache } from '../../../src/adapters/mqtt/topic-cache.js';
import {
  connect,
  connectOf,
  disconnect,
  field,
  frame,
  pingreq,
  puback,
  publish,
  subscribe,
  uint16,
  unsubscribe,
} from '../../support/packets.js';
import { RecordingHandler } from '../../support/recording-handler.js';

const LIMITS = {
  packetBytesMax: 100_000,
  topicBytesMax: 65_535,
  topicLevelsMax: 128,
  filtersPerSubscribeMax: 100,
};

const decode = (...pieces: Uint8Array[]): RecordingHandler => {
  const handler = new RecordingHandler();
  const decoder = new PacketDecoder(handler, new TopicCache(LIMITS), new CurrentFrame(), LIMITS);
  handler.onViolation = () => decoder.clear();
  for (const piece of pieces) if (handler.violation === undefined) decoder.decode(Buffer.from(piece));
  return handler;
};
const byteByByte = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const invalidText = Uint8Array.of(0xc3, 0x28);

/** Packets that break the standard, and what they are closed for. */
const FAULTS: [what: string, bytes: Buffer, reason: string][] = [
  ['packet type 0', hex('00 00'), 'malformed_packet'],
  ['packet type 15', hex('f0 00'), 'malformed_packet'],
  ['a length of five bytes', hex('30 ff ff ff ff 01'), 'malformed_packet'],
  ['a CONNACK', hex('20 02 00 00'), 'unexpected_packet'],
  ['a SUBACK', hex('90 03 00 01 00'), 'unexpected_packet'],
  ['an UNSUBACK', hex('b0 02 00 01'), 'unexpected_packet'],
  ['a PINGRESP', hex('d0 00'), 'unexpected_packet'],
  ['PINGREQ with flags', hex('c1 00'), 'wrong_flags'],
  ['PINGREQ with a body', hex('c0 01 00'), 'malformed_packet'],
  ['DISCONNECT with flags', hex('e1 00'), 'wrong_flags'],
  ['DISCONNECT with a body', hex('e0 01 00'), 'malformed_packet'],
  ['PUBACK with flags', hex('41 02 00 01'), 'wrong_flags'],
  ['PUBREC with flags', hex('52 02 00 01'), 'wrong_flags'],
  ['PUBREL without its flags', hex('60 02 00 01'), 'wrong_flags'],
  ['PUBREL with DUP', hex('6a 02 00 01'), 'wrong_flags'],
  ['PUBCOMP with flags', hex('7f 02 00 01'), 'wrong_flags'],
  ['PUBACK that is too short', hex('40 01 00'), 'malformed_packet'],
  ['PUBACK that is too long', hex('40 03 00 01 00'), 'malformed_packet'],
  ['PUBLISH at QoS 3', hex('36 05 00 01 74 00 01'), 'bad_qos'],
  ['PUBLISH at QoS 0 with DUP', hex('38 03 00 01 74'), 'bad_qos'],
  ['PUBLISH without a body', hex('30 00'), 'malformed_packet'],
  ['PUBLISH with half a topic length', hex('30 01 00'), 'malformed_packet'],
  ['PUBLISH whose topic runs past it', hex('30 03 00 02 74'), 'malformed_packet'],
  ['PUBLISH at QoS 1 with half a packet id', hex('32 04 00 01 74 00'), 'malformed_packet'],
  ['PUBLISH with packet id 0', publish({ topic: 't', qos: 1, packetId: 0 }), 'bad_packet_id'],
  ['PUBLISH with an empty topic', publish({ topic: '' }), 'bad_topic'],
  ['PUBLISH with + in its topic', publish({ topic: 'a/+' }), 'bad_topic'],
  ['PUBLISH with # in its topic', publish({ topic: '#' }), 'bad_topic'],
  ['PUBLISH with U+0000 in its topic', publish({ topic: 'a\0' }), 'bad_utf8'],
  ['PUBLISH whose topic is no UTF-8', publish({ topic: invalidText }), 'bad_utf8'],
  ['PUBLISH with a surrogate in its topic', publish({ topic: hex('ed a0 80') }), 'bad_utf8'],
  ['PUBLISH with an overlong form in its topic', publish({ topic: hex('c0 80') }), 'bad_utf8'],
  ['SUBSCRIBE without its flags', frame(0x80, uint16(1), field('t'), hex('00')), 'wrong_flags'],
  ['SUBSCRIBE with packet id 0', subscribe(0, ['t', 0]), 'bad_packet_id'],
  ['SUBSCRIBE without a filter', subscribe(1), 'malformed_packet'],
  ['SUBSCRIBE with QoS 3', subscribe(1, ['t', 3]), 'malformed_packet'],
  ['SUBSCRIBE with reserved bits', subscribe(1, ['t', 4]), 'malformed_packet'],
  ['SUBSCRIBE that lacks the last QoS', frame(0x82, uint16(1), field('t')), 'malformed_packet'],
  ['SUBSCRIBE with an empty filter', subscribe(1, ['', 0]), 'bad_topic'],
  ['SUBSCRIBE with a bad filter behind a good one', subscribe(1, ['t', 0], ['a/#/b', 0]), 'bad_topic'],
  ['SUBSCRIBE whose filter is no UTF-8', subscribe(1, [invalidText, 0]), 'bad_utf8'],
  ['UNSUBSCRIBE without its flags', frame(0xa0, uint16(1), field('t')), 'wrong_flags'],
  ['UNSUBSCRIBE with packet id 0', unsubscribe(0, 't'), 'bad_packet_id'],
  ['UNSUBSCRIBE without a filter', unsubscribe(1), 'malformed_packet'],
  ['UNSUBSCRIBE with a bad filter', unsubscribe(1, 'a+'), 'bad_topic'],
  ['CONNECT with flags', frame(0x11, connect().subarray(2)), 'wrong_flags'],
  ['CONNECT without a body', hex('10 00'), 'malformed_packet'],
  ['CONNECT of another protocol', connect({ protocolName: 'HTTP' }), 'unknown_protocol'],
  ['CONNECT with the reserved flag', connectOf(0x03, [field('c')]), 'malformed_packet'],
  ['CONNECT with will QoS 3', connectOf(0x1e, [field('c'), field('w'), field('')]), 'malformed_packet'],
  ['CONNECT with will QoS without a will', connectOf(0x0a, [field('c')]), 'malformed_packet'],
  ['CONNECT with will retain without a will', connectOf(0x22, [field('c')]), 'malformed_packet'],
  [
    'CONNECT with a password without user name',
    connectOf(0x42, [field('c'), field('p')]),
    'malformed_packet',
  ],
  ['CONNECT with bytes behind its fields', connectOf(0x02, [field('c'), hex('00')]), 'malformed_packet'],
  ['CONNECT that lacks a field', connectOf(0x82, [field('c')]), 'malformed_packet'],
  ['CONNECT whose client id is no UTF-8', connect({ clientId: invalidText }), 'bad_utf8'],
  ['CONNECT whose user name has U+0000', connect({ username: 'a\0' }), 'bad_utf8'],
  ['CONNECT with a wildcard in its will topic', connect({ will: { topic: 'a/#' } }), 'bad_topic'],
  ['CONNECT with an empty will topic', connect({ will: { topic: '' } }), 'bad_topic'],
];

describe('bytes that break the protocol', () => {
  test.each(FAULTS)('%s', (_what, bytes, reason) => {
    for (const pieces of [[bytes], byteByByte(bytes), [bytes.subarray(0, 1), bytes.subarray(1)]]) {
      const { violation, packets } = decode(...pieces);
      expect([violation, packets]).toEqual([reason, []]);
    }
  });

  test('let what came before them through, and nothing behind them', () => {
    const { packets, violation } = decode(Buffer.concat([pingreq(), hex('f0 00'), pingreq()]));
    expect([packets, violation]).toEqual([[{ type: 'pingreq' }], 'malformed_packet']);
  });
});

describe('what the standard leaves open is taken', () => {
  test.each(['30 83 00 00 01 74', '30 83 80 00 00 01 74', '30 83 80 80 00 00 01 74'])(
    'a length in more bytes than it needs: %s',
    (text) => {
      for (const pieces of [[hex(text)], byteByByte(hex(text))])
        expect(decode(...pieces).packets).toMatchObject([{ type: 'publish', topic: 't', payload: '' }]);
    },
  );

  test.each(['10', '82', 'a2', 'c0', 'e0', '40'])(
    'such a length for packets of first byte %s, too',
    (first) => {
      const plain = [
        connect({ clientId: 'c' }),
        subscribe(1, ['t', 0]),
        unsubscribe(1, 't'),
        pingreq(),
        disconnect(),
        puback(5),
      ].find(([byte]) => byte === parseInt(first, 16))!;
      const overlong = Buffer.concat([
        plain.subarray(0, 1),
        Buffer.of(plain[1]! | 0x80, 0),
        plain.subarray(2),
      ]);
      expect(decode(overlong).packets).toEqual(decode(plain).packets);
      expect(decode(overlong).packets).toHaveLength(1);
    },
  );

  test('acknowledgements of packet id 0 are handed over: nothing is in flight under it', () => {
    expect(decode(puback(0)).packets).toEqual([{ type: 'puback', packetId: 0 }]);
  });

  test('control characters and U+FEFF stand in a topic as they came [MQTT-1.5.3-3]', () => {
    expect(decode(publish({ topic: '\ufeffa\u0001' })).packets).toMatchObject([{ topic: '\ufeffa\u0001' }]);
  });
});

describe('MQTT 3.1', () => {
  const old = (flags: number, payload: Buffer[]) =>
    connectOf(flags, payload, { protocolName: 'MQIsdp', level: 3 });

  test('may leave out a user name or password that its flags announce', () => {
    expect(decode(old(0xc2, [field('c')])).packets).toMatchObject([
      { clientId: 'c', userName: undefined, password: undefined },
    ]);
    expect(decode(old(0xc2, [field('c'), field('u')])).packets).toMatchObject([
      { userName: 'u', password: undefined },
    ]);
  });

  test('may set the reserved connect flag, and DUP where it was allowed', () => {
    const packets = Buffer.concat([
      old(0x03, [field('c')]),
      frame(0x8a, uint16(1), field('t'), hex('01')),
      frame(0xaa, uint16(2), field('t')),
      frame(0x6a, uint16(3)),
    ]);
    expect(decode(packets).packets.map(({ type }) => type)).toEqual([
      'connect',
      'subscribe',
      'unsubscribe',
      'pubrel',
    ]);
  });

  test.each([
    ['MQTT', 3],
    ['MQTT', 5],
    ['MQIsdp', 4],
    ['MQTT', 0x84],
  ])('is told apart by name and level: %s at level %i is not served', (protocolName, level) => {
    expect(decode(connect({ protocolName, level })).packets).toEqual([{ type: 'unsupported-level' }]);
  });

  test('leaves the bytes that came as they are', () => {
    const handler = new RecordingHandler();
    const chunk = Buffer.concat([old(0x02, [field('c')]), frame(0x8a, uint16(1), field('t'), hex('01'))]);
    const before = Buffer.from(chunk);
    new PacketDecoder(handler, new TopicCache(LIMITS), new CurrentFrame(), LIMITS).decode(chunk);
    expect(chunk.equals(before)).toBe(true);
  });
});

describe('a packet that may take long', () => {
  const bytes = Buffer.concat([
    ...[publish({ topic: 'a' }), subscribe(1, ['b', 0]), publish({ topic: 'c' })],
    ...[unsubscribe(2, 'b'), pingreq()],
  ]);
  const usual = decode(bytes).packets.map(({ type }) => type);

  test.each([
    ['in one piece', [bytes]],
    ['byte by byte', byteByByte(bytes)],
    ['cut within it', [bytes.subarray(0, 9), bytes.subarray(9)]],
  ])('that has to wait is held with all behind it, and nothing is lost: %s', (_, pieces) => {
    const handler = new RecordingHandler();
    const decoder = new PacketDecoder(handler, new TopicCache(LIMITS), new CurrentFrame(), LIMITS);
    handler.waits = 1;
    for (const piece of pieces) decoder.decode(Buffer.from(piece));
    expect(handler.packets.map(({ type }) => type)).toEqual(['publish']);
    handler.waits = 1;
    handler.stopAfter = Infinity;
    decoder.resume();
    expect(handler.packets).toHaveLength(1);
    handler.stopAfter = Infinity;
    decoder.resume();
    expect(handler.packets.map(({ type }) => type)).toEqual(usual);
    expect(decoder.heldBytes).toBe(0);
  });
});
