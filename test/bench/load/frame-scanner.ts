/** Takes whole MQTT frames; called synchronously while their bytes are still in place. */
export interface FrameSink {
  /**
   * @param header The first byte of the fixed header: packet type and flags.
   * @param bytes The buffer that holds the frame; valid during the call only.
   * @param start Offset of the first byte after the fixed header.
   * @param end Offset past the frame's last byte.
   */
  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void;
}

const CARRY_BYTES_MIN = 4096;
/** Bytes of the longest fixed header: the type and four bytes of remaining length. */
const HEADER_BYTES_MAX = 5;

/**
 * Finds MQTT frames in the chunks of a byte stream without an object for each of them.
 * What a chunk leaves unfinished is carried over to the next one, so chunks may share one read buffer.
 */
export class FrameScanner {
  private carry = new Uint8Array(CARRY_BYTES_MIN);
  private carryLength = 0;

  constructor(private readonly sink: FrameSink) {}

  /**
   * Reports each frame that ends in this chunk.
   * @throws Error when a remaining length takes more than four bytes.
   */
  push(chunk: Uint8Array, length: number): void {
    const start = this.carryLength === 0 ? 0 : this.finishCarried(chunk, length);
    if (this.carryLength > 0) return;
    const rest = this.scan(chunk, start, length);
    if (rest < length) this.carryOver(chunk, rest, length);
  }

  /** Reports whole frames from `offset` on; returns where the first unfinished one starts. */
  private scan(bytes: Uint8Array, offset: number, length: number): number {
    let at = offset;
    while (at + 1 < length) {
      let body = at + 2;
      let remaining = bytes[at + 1]!;
      if (remaining > 127) {
        const end = frameEnd(bytes, at, length);
        if (end === UNKNOWN) return at;
        body = at + 1 + lengthBytes(bytes, at + 1);
        remaining = end - body;
      }
      const end = body + remaining;
      if (end > length) return at;
      this.sink.onFrame(bytes[at]!, bytes, body, end);
      at = end;
    }
    return at;
  }

  /** Adds bytes of the new chunk to the carried frame, as few as finish it; returns how many it took. */
  private finishCarried(chunk: Uint8Array, length: number): number {
    let taken = 0;
    for (;;) {
      const end = frameEnd(this.carry, 0, this.carryLength);
      if (end !== UNKNOWN && end <= this.carryLength) break;
      if (taken === length) return taken;
      const wanted = end === UNKNOWN ? 1 : Math.min(end - this.carryLength, length - taken);
      this.appendToCarry(chunk, taken, taken + wanted);
      taken += wanted;
    }
    const end = this.carryLength;
    this.carryLength = 0;
    this.scan(this.carry, 0, end);
    return taken;
  }

  private carryOver(chunk: Uint8Array, start: number, end: number): void {
    this.carryLength = 0;
    this.appendToCarry(chunk, start, end);
  }

  private appendToCarry(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.carryLength + (end - start);
    if (needed > this.carry.length) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.carry.subarray(0, this.carryLength));
      this.carry = grown;
    }
    for (let i = start; i < end; i++) this.carry[this.carryLength++] = chunk[i]!;
  }
}

const UNKNOWN = -1;

/** Offset past the frame that starts at `at`, or UNKNOWN while its header is unfinished. */
function frameEnd(bytes: Uint8Array, at: number, length: number): number {
  let remaining = 0;
  for (let i = 1; i < HEADER_BYTES_MAX; i++) {
    if (at + i >= length) return UNKNOWN;
    const digit = bytes[at + i]!;
    remaining += (digit & 127) * 128 ** (i - 1);
    if (digit < 128) return at + i + 1 + remaining;
  }
  throw new Error('the remaining length of a frame takes more than four bytes');
}

function lengthBytes(bytes: Uint8Array, at: number): number {
  let count = 1;
  while (bytes[at + count - 1]! > 127) count++;
  return count;
}
