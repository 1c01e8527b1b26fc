import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { binaryHeader, FrameReader } from '../../../src/adapters/transport/websocket-frames.js';

interface Frame {
  readonly payload: Buffer;
  /** FIN and opcode; a whole binary message when absent. */
  readonly first?: number;
  readonly mask?: readonly number[] | undefined;
}

const frame = ({ payload, first = 0x82, mask = [1, 2, 3, 4] }: Frame): Buffer => {
  const header = binaryHeader(payload.length);
  header[0] = first;
  header[1] = (header[1] ?? 0) | 0x80;
  return Buffer.concat([header, Buffer.from(mask), payload.map((byte, i) => byte ^ mask[i & 3]!)]);
};

const read = (chunks: readonly Buffer[]) => {
  const found: { kind: string; bytes: Buffer }[] = [];
  const violations: number[] = [];
  const add = (kind: string) => (bytes: Buffer) => void found.push({ kind, bytes: Buffer.from(bytes) });
  const reader = new FrameReader({
    data: add('data'),
    control: add('control'),
    violation: (code) => violations.push(code),
  });
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
  const all = (kind: string) =>
    Buffer.concat(found.filter((each) => each.kind === kind).map(({ bytes }) => bytes));
  return { data: all('data'), control: all('control'), kinds: found.map(({ kind }) => kind), violations };
};

const PING = frame({ payload: Buffer.from('ping'), first: 0x89 });
const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((each) => Buffer.from(each));

describe('a reader of frames', () => {
  test('hands over what data frames carry, and control frames as they came, however the network cuts them', () => {
    const messages = fc.array(
      fc.record({
        payload: bytes(300),
        mask: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
        parts: fc.integer({ min: 1, max: 4 }),
        hasPing: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(messages, cuts, (all, lengths) => {
        const sent = all.flatMap(({ payload, mask, parts, hasPing }) => {
          const size = Math.ceil(payload.length / parts);
          return Array.from({ length: parts }, (_, i) => {
            const first = (i === 0 ? 2 : 0) | (i === parts - 1 ? 0x80 : 0);
            const part = frame({ payload: payload.subarray(i * size, (i + 1) * size), first, mask });
            return hasPing ? Buffer.concat([part, PING]) : part;
          });
        });
        const stream = Buffer.concat(sent);
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const length = lengths[i % lengths.length]!;
          chunks.push(stream.subarray(at, at + length));
          at += length;
        }
        const { data, control, violations } = read(chunks);
        const pings = all.reduce((sum, { parts, hasPing }) => sum + (hasPing ? parts : 0), 0);
        expect(data.equals(Buffer.concat(all.map(({ payload }) => payload)))).toBe(true);
        expect(control.equals(Buffer.concat(Array.from({ length: pings }, () => PING)))).toBe(true);
        expect(violations).toEqual([]);
      }),
    );
  });

  test('hands over the frames of a chunk at once', () => {
    const { data, kinds } = read([
      Buffer.concat(Array.from({ length: 50 }, () => frame({ payload: Buffer.from('abc') }))),
    ]);
    expect([data.toString(), kinds]).toEqual(['abc'.repeat(50), ['data']]);
  });

  test('hands over what came before a control frame before it', () => {
    const payload = Buffer.from('x'.repeat(20));
    const { kinds } = read([Buffer.concat([frame({ payload }), PING, frame({ payload })])]);
    expect(kinds).toEqual(['data', 'control', 'control', 'data']);
  });

  test('reads lengths of every size', () => {
    const payload = Buffer.alloc(70_000, 'y');
    expect(read([frame({ payload })]).data.equals(payload)).toBe(true);
  });

  test.each([
    ['a text frame', frame({ payload: Buffer.from('t'), first: 0x81 }), 1003],
    ['a frame without mask', Buffer.from([0x82, 1, 0]), 1002],
    ['a reserved bit', frame({ payload: Buffer.from('t'), first: 0xc2 }), 1002],
    ['a reserved opcode', frame({ payload: Buffer.from('t'), first: 0x83 }), 1002],
    ['a continuation of nothing', frame({ payload: Buffer.from('t'), first: 0x80 }), 1002],
    ['a control frame in parts', frame({ payload: Buffer.from('t'), first: 0x09 }), 1002],
    ['a control frame too long', frame({ payload: Buffer.alloc(126), first: 0x89 }), 1002],
    ['a length beyond counting', Buffer.from('82ffffffffffffffffff00000000', 'hex'), 1009],
  ])('takes nothing behind a violation: %s', (_, bad, code) => {
    const payload = Buffer.from('good');
    const { data, violations } = read([Buffer.concat([frame({ payload }), bad, frame({ payload })])]);
    expect([data.toString(), violations]).toEqual(['good', [code]]);
  });

  test('takes no new message inside another one', () => {
    const open = frame({ payload: Buffer.from('a'), first: 0x02 });
    expect(read([open, frame({ payload: Buffer.from('b') })]).violations).toEqual([1002]);
  });
});
