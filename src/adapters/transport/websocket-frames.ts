/** Frames of RFC 6455, 5.2, as clients send them. */

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const CONTROL_LENGTH_MAX = 125;
/** First bytes, extended length and mask. */
const HEADER_LENGTH_MAX = 14;

/** Close codes of RFC 6455, 7.4.1. */
export const CloseCode = {
  normal: 1000,
  protocolError: 1002,
  unsupportedData: 1003,
  tooLarge: 1009,
} as const;
type Violation = Exclude<(typeof CloseCode)[keyof typeof CloseCode], typeof CloseCode.normal>;

/** Who takes what a reader finds. */
export interface FrameOwner {
  /** What data frames carry, in order: where they end means nothing [MQTT-6.0.0-2]. */
  data(bytes: Buffer): void;
  /** A part of a control frame, as it came. */
  control(bytes: Buffer): void;
  /** What came is not allowed; nothing that follows it is looked at. */
  violation(code: Violation): void;
}

/**
 * Takes a client's frames apart, a chunk at a time and without an object for each of them: what the data frames of a
 * chunk carry is moved together within it, and handed over at once.
 */
export class FrameReader {
  private chunk = NO_BYTES;
  /** What is to be handed over stands from `start` to `end` of the chunk. */
  private start = 0;
  private end = 0;
  /** The beginning of a header that ends in a later chunk. */
  private readonly carried = Buffer.alloc(HEADER_LENGTH_MAX);
  private carriedLength = 0;
  /** Of the present frame: its mask, and how much of its payload has come and is still to come. */
  private mask = [0, 0, 0, 0];
  private seen = 0;
  private left = 0;
  private isControl = false;
  /** Whether the last frame of a message is still to come. */
  private isFragmented = false;
  private hasEnded = false;

  constructor(private readonly owner: FrameOwner) {}

  /** @param chunk Is changed. */
  read(chunk: Buffer): void {
    this.chunk = chunk;
    this.start = this.end = 0;
    for (let at = 0; at < chunk.length && !this.hasEnded;)
      at = this.left > 0 ? this.takePayload(at) : this.takeHeader(at);
    this.handOver();
    this.chunk = NO_BYTES;
  }

  private takePayload(at: number): number {
    const count = Math.min(this.left, this.chunk.length - at);
    if (this.isControl) this.owner.control(Buffer.from(this.chunk.subarray(at, at + count)));
    else this.unmask(at, count);
    this.left -= count;
    return at + count;
  }

  private takeHeader(at: number): number {
    const { chunk, carried } = this;
    if (this.carriedLength === 0 && chunk.length - at >= HEADER_LENGTH_MAX) {
      this.begin(chunk, at);
      return at + headerLength(chunk, at);
    }
    carried[this.carriedLength++] = chunk[at] ?? 0;
    if (this.carriedLength >= 2 && this.carriedLength === headerLength(carried, 0)) {
      this.carriedLength = 0;
      this.begin(carried, 0);
    }
    return at + 1;
  }

  /** Begins the frame whose header stands there as a whole. */
  private begin(bytes: Buffer, at: number): void {
    const violation = this.violationOf(bytes, at);
    if (violation !== undefined) {
      this.handOver();
      this.hasEnded = true;
      return this.owner.violation(violation);
    }
    const first = bytes.readUInt8(at);
    const length = headerLength(bytes, at);
    const maskAt = at + length - 4;
    for (let i = 0; i < 4; i++) this.mask[i] = bytes.readUInt8(maskAt + i);
    this.seen = 0;
    this.left = payloadLength(bytes, at);
    this.isControl = (first & OPCODE) >= Opcode.close;
    if (!this.isControl) {
      this.isFragmented = (first & FIN) === 0;
      return;
    }
    // What came before it is handed over before it.
    this.handOver();
    this.owner.control(Buffer.from(bytes.subarray(at, at + length)));
  }

  private violationOf(bytes: Buffer, at: number): Violation | undefined {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return CloseCode.protocolError;
    switch (first & OPCODE) {
      case Opcode.continuation:
        return this.isFragmented ? tooLarge(bytes, at) : CloseCode.protocolError;
      case Opcode.binary:
        return this.isFragmented ? CloseCode.protocolError : tooLarge(bytes, at);
      case Opcode.text:
        return CloseCode.unsupportedData; // [MQTT-6.0.0-1]
      case Opcode.close:
      case Opcode.ping:
      case Opcode.pong:
        if ((first & FIN) !== 0 && (second & LENGTH) <= CONTROL_LENGTH_MAX) return undefined;
        return CloseCode.protocolError;
      default:
        return CloseCode.protocolError;
    }
  }

  /** Moves so many bytes of payload to the end of what is handed over, without their mask. */
  private unmask(at: number, count: number): void {
    const { chunk, mask, seen } = this;
    // The mask in the order in which it applies from here on.
    const m0 = mask[seen & 3] as number;
    const m1 = mask[(seen + 1) & 3] as number;
    const m2 = mask[(seen + 2) & 3] as number;
    const m3 = mask[(seen + 3) & 3] as number;
    let from = at;
    let to = this.end;
    const whole = from + (count & ~3);
    while (from < whole) {
      chunk[to++] = (chunk[from++] as number) ^ m0;
      chunk[to++] = (chunk[from++] as number) ^ m1;
      chunk[to++] = (chunk[from++] as number) ^ m2;
      chunk[to++] = (chunk[from++] as number) ^ m3;
    }
    for (let i = 0; from < at + count; i++)
      chunk[to++] = (chunk[from++] as number) ^ (i === 0 ? m0 : i === 1 ? m1 : m2);
    this.seen = (seen + count) & 3;
    this.end = to;
  }

  private handOver(): void {
    if (this.end === this.start) return;
    const bytes = this.chunk.subarray(this.start, this.end);
    this.start = this.end;
    this.owner.data(bytes);
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0);

/** @param at Where a header begins of which there are two bytes at least. */
function headerLength(bytes: Buffer, at: number): number {
  const second = bytes.readUInt8(at + 1);
  const short = second & LENGTH;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
}

function payloadLength(bytes: Buffer, at: number): number {
  const short = bytes.readUInt8(at + 1) & LENGTH;
  if (short === 126) return bytes.readUInt16BE(at + 2);
  return short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
}

/** A length that can't be counted exactly. */
function tooLarge(bytes: Buffer, at: number): Violation | undefined {
  return payloadLength(bytes, at) > Number.MAX_SAFE_INTEGER ? CloseCode.tooLarge : undefined;
}

/** The header of a server's frame with so many bytes of binary data, which needs no mask. */
export function binaryHeader(length: number): Buffer {
  if (length <= CONTROL_LENGTH_MAX) return Buffer.from([FIN | Opcode.binary, length]);
  if (length <= 0xffff) return Buffer.from([FIN | Opcode.binary, 126, length >>> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = FIN | Opcode.binary;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
