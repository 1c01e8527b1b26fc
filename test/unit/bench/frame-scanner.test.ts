import { describe, expect, test } from '@jest/globals';
import { FrameScanner } from '../../bench/load/frame-scanner.js';

/** Notes each frame as its header and a copy of its body. */
class NotedFrames {
  readonly frames: { header: number; body: number[] }[] = [];
  readonly scanner = new FrameScanner({
    onFrame: (header, bytes, start, end) => {
      this.frames.push({ header, body: [...bytes.subarray(start, end)] });
    },
  });

  feed(bytes: Uint8Array, chunkBytes: number): this {
    // One buffer for all chunks, as with a socket's read buffer: nothing may point into an earlier chunk.
    const shared = new Uint8Array(chunkBytes);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const chunk = bytes.subarray(at, at + chunkBytes);
      shared.set(chunk);
      this.scanner.push(shared, chunk.length);
      shared.fill(0xff);
    }
    return this;
  }
}

const body = (length: number): number[] => Array.from({ length }, (_, i) => (i * 7 + length) % 256);

const expected = [
  { header: 0xd0, body: [] },
  { header: 0x40, body: [0, 7] },
  { header: 0x30, body: body(127) },
  { header: 0x32, body: body(128) },
  { header: 0xd0, body: [] },
  { header: 0x3d, body: body(16_384) },
  { header: 0x90, body: [0, 1, 0] },
];

const stream = Uint8Array.from([
  ...[0xd0, 0],
  ...[0x40, 2, 0, 7],
  ...[0x30, 127, ...body(127)],
  ...[0x32, 0x80, 0x01, ...body(128)],
  ...[0xd0, 0],
  ...[0x3d, 0x80, 0x80, 0x01, ...body(16_384)],
  ...[0x90, 3, 0, 1, 0],
]);

describe('the frame scanner', () => {
  test('finds all frames of one chunk', () => {
    expect(new NotedFrames().feed(stream, stream.length).frames).toEqual(expected);
  });

  test.each([1, 2, 3, 5, 64, 131, 4095, 10_000])('finds the same frames in chunks of %i bytes', (size) => {
    expect(new NotedFrames().feed(stream, size).frames).toEqual(expected);
  });

  test('finds the same frames wherever the stream is cut in two', () => {
    const small = stream.subarray(0, 272);
    for (let cut = 1; cut < small.length; cut++) {
      const noted = new NotedFrames();
      noted.scanner.push(small.slice(0, cut), cut);
      noted.scanner.push(small.slice(cut), small.length - cut);
      expect(noted.frames).toEqual(expected.slice(0, 5));
    }
  });

  test('reads no further than the given length of the chunk', () => {
    const noted = new NotedFrames();
    noted.scanner.push(Uint8Array.from([0x40, 2, 0, 1, 0xd0, 0]), 4);
    expect(noted.frames).toEqual([{ header: 0x40, body: [0, 1] }]);
  });

  test('keeps an unfinished frame back', () => {
    const noted = new NotedFrames();
    noted.scanner.push(Uint8Array.from([0x40, 2, 0]), 3);
    expect(noted.frames).toEqual([]);
  });

  test.each([1, 6])('throws at a remaining length of five bytes, in chunks of %i', (size) => {
    const tooLong = Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]);
    expect(() => new NotedFrames().feed(tooLong, size)).toThrow('more than four bytes');
  });
});
