import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { CurrentFrame } from '../../src/adapters/mqtt/current-frame.js';
import { PacketDecoder } from '../../src/adapters/mqtt/packet-decoder.js';
import { TopicCache } from '../../src/adapters/mqtt/topic-cache.js';
import { publish } from '../support/packets.js';
import { type HandledPacket, RecordingHandler } from '../support/recording-handler.js';
import { clientPackets } from '../support/wire-packets.js';

const LIMITS = {
  packetBytesMax: 1_000_000,
  topicBytesMax: 65_535,
  topicLevelsMax: 65_536,
  filtersPerSubscribeMax: 1000,
};
/** Shared, as in a broker, so that a name remembered from one connection is met on another. */
const topics = new TopicCache(LIMITS);

const decoderOf = (handler: RecordingHandler, limits = LIMITS): PacketDecoder => {
  const decoder = new PacketDecoder(handler, topics, new CurrentFrame(), limits);
  handler.onViolation = () => decoder.clear();
  return decoder;
};

/** What a decoder makes of these pieces; each is a Buffer of its own, as from a socket. */
const decode = (pieces: readonly Uint8Array[]): RecordingHandler => {
  const handler = new RecordingHandler();
  const decoder = decoderOf(handler);
  for (const piece of pieces) {
    if (handler.violation !== undefined) break;
    decoder.decode(Buffer.from(piece));
  }
  if (handler.violation === undefined && decoder.heldBytes > 0) handler.packets.push({ type: 'cut off' });
  return handler;
};

const cutAt = (bytes: Uint8Array, ...places: number[]): Uint8Array[] => {
  const edges = [0, ...places.sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
};
const byteByByte = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

/** What mqtt-packet makes of them, in the same form. */
const reference = (frames: readonly Buffer[]): HandledPacket[] =>
  frames.flatMap((frame) => {
    const found: HandledPacket[] = [];
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => found.push(plain(packet)));
    parser.on('error', (error: Error) => found.push({ type: `fault: ${error.message}` }));
    parser.parse(frame);
    return found;
  });

const plain = (packet: Packet): HandledPacket => {
  switch (packet.cmd) {
    case 'connect': {
      const { will, password } = packet;
      return {
        type: 'connect',
        level: packet.protocolVersion,
        clientId: packet.clientId,
        cleanSession: packet.clean,
        keepAliveSeconds: packet.keepalive,
        userName: packet.username,
        password: password?.toString('hex'),
        will: will && {
          topic: will.topic,
          payload: Buffer.from(will.payload).toString('hex'),
          qos: will.qos,
          retain: will.retain,
        },
      };
    }
    case 'publish': {
      const { topic, payload, qos, retain, messageId = 0 } = packet;
      return {
        type: 'publish',
        topic,
        payload: Buffer.from(payload).toString('hex'),
        qos,
        retain,
        packetId: messageId,
      };
    }
    case 'subscribe':
      return {
        type: 'subscribe',
        packetId: packet.messageId,
        requests: packet.subscriptions.map(({ topic, qos }) => [topic, qos]),
      };
    case 'unsubscribe':
      return { type: 'unsubscribe', packetId: packet.messageId, filters: packet.unsubscriptions };
    case 'pingreq':
    case 'disconnect':
      return { type: packet.cmd };
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { type: packet.cmd, packetId: packet.messageId };
    case 'connack':
    case 'suback':
    case 'unsuback':
    case 'pingresp':
    case 'auth':
      throw new Error(`a client sends no ${packet.cmd}`);
  }
};

describe('valid packets are read as mqtt-packet reads them', () => {
  test('in one piece, byte by byte, and cut in two at every byte', () => {
    fc.assert(
      fc.property(clientPackets(4), (frames) => {
        const bytes = Buffer.concat(frames);
        const expected = reference(frames);
        expect(decode([bytes]).packets).toEqual(expected);
        expect(decode(byteByByte(bytes)).packets).toEqual(expected);
        expect(decode(frames).packets).toEqual(expected);
        for (let place = 1; place < bytes.length; place += 1) {
          const { packets } = decode(cutAt(bytes, place));
          if (JSON.stringify(packets) !== JSON.stringify(expected))
            expect({ place, packets }).toEqual({ place, packets: expected });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('cut in any number of pieces', () => {
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(clientPackets(10), cuts, (frames, places) => {
        const bytes = Buffer.concat(frames);
        const pieces = cutAt(bytes, ...places.map((place) => place % (bytes.length + 1)));
        expect(decode(pieces).packets).toEqual(reference(frames));
      }),
      { numRuns: 250 },
    );
  });

  test('whatever the number of bytes that the length takes', () => {
    const lengths = fc.constantFrom(
      0,
      1,
      119,
      120,
      121,
      122,
      123,
      16_370,
      16_376,
      16_377,
      16_378,
      16_379,
      16_380,
      70_000,
    );
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(), { maxLength: 6 }), (length, places) => {
        const frames = [
          publish({ topic: 'a/b/c', payload: Buffer.alloc(length, 'z') }),
          publish({ topic: 'next' }),
        ];
        const bytes = Buffer.concat(frames);
        const pieces = cutAt(bytes, ...places.map((place) => place % (bytes.length + 1)));
        expect(decode(pieces).packets).toEqual(reference(frames));
      }),
      { numRuns: 100 },
    );
  });

  test('also when the handler stops in between and goes on later', () => {
    const stops = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20, size: 'max' });
    fc.assert(
      fc.property(clientPackets(8), fc.array(fc.nat(), { maxLength: 6 }), stops, (frames, places, pauses) => {
        const bytes = Buffer.concat(frames);
        const handler = new RecordingHandler();
        const decoder = decoderOf(handler);
        for (const piece of cutAt(bytes, ...places.map((place) => place % (bytes.length + 1)))) {
          handler.stopAfter = pauses.shift() ?? Infinity;
          decoder.resume();
          decoder.decode(Buffer.from(piece));
        }
        for (handler.stopAfter = 1; decoder.heldBytes > 0; handler.stopAfter = 1) {
          const before = decoder.heldBytes;
          decoder.resume();
          expect(decoder.heldBytes).toBeLessThan(before);
        }
        expect(handler.packets).toEqual(reference(frames));
      }),
      { numRuns: 200 },
    );
  });
});

/** Bytes that are almost packets. */
const damaged = fc
  .tuple(
    clientPackets(5).map((frames) => Buffer.concat(frames)),
    fc.array(
      fc.record({
        kind: fc.constantFrom('set', 'insert', 'remove'),
        place: fc.nat(),
        byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([bytes, changes]) => {
    const changed = [...bytes];
    for (const { kind, place, byte } of changes) {
      const at = place % (changed.length + 1);
      if (kind === 'insert') changed.splice(at, 0, byte);
      else if (kind === 'remove') changed.splice(at, 1);
      else changed.splice(at, 1, byte);
    }
    return Buffer.from(changed);
  });
const noise = fc.uint8Array({ maxLength: 300, size: 'max' }).map((bytes) => Buffer.from(bytes));

describe('bytes that are no packets', () => {
  test('never make the decoder throw, nor hand over anything behind a violation', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (bytes) => {
        // The handler itself throws when it is given a packet that it doesn't take.
        decode([bytes]);
      }),
      { numRuns: 2000 },
    );
  });

  test('are judged alike in one piece and byte by byte', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (bytes) => {
        const whole = decode([bytes]);
        const single = decode(byteByByte(bytes));
        expect(single.packets).toEqual(whole.packets);
        expect(single.violation).toBe(whole.violation);
      }),
      { numRuns: 1500 },
    );
  });

  test('are never held past the packet limit, and never more of them than have come', () => {
    const limits = { ...LIMITS, packetBytesMax: 200 };
    const pieces = fc.array(fc.oneof(damaged, noise), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pieces, (chunks) => {
        const handler = new RecordingHandler();
        const decoder = decoderOf(handler, limits);
        let came = 0;
        for (const chunk of chunks) {
          decoder.decode(chunk);
          if (handler.violation !== undefined) return;
          came += chunk.length;
          expect(decoder.heldBytes).toBeLessThan(limits.packetBytesMax);
          expect(decoder.heldBytes).toBeLessThanOrEqual(came);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
