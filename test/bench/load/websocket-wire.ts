import type { Socket } from 'node:net';
import type { TakeBytes, Wire } from './wire.js';

const REQUEST = [
  'GET /mqtt HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: mqtt',
  '\r\n',
].join('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const BINARY_FRAME = 0x82;
const CLOSE_FRAME = 0x88;
const MASKED = 0x80;
/** Any will do, but zeros, which servers needn't take off. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
/** The longest packet that goes into a frame: a length of more than two bytes is never written. */
export const FRAME_BYTES_MAX = 0xffff;
/** Bytes of the longest header of a frame of ours: with the mask. */
const HEADER_BYTES_MAX = 8;

/**
 * The client's side of a WebSocket, as fast as can be: each MQTT packet that is written is a frame of its own, as with
 * common clients, and frames that come are taken apart without an object for each of them.
 */
export class WebSocketWire implements Wire {
  private isUpgraded = false;
  private head = Buffer.alloc(0);
  /** What is written before the upgrade. */
  private waiting: { bytes: Uint8Array; done: (() => void) | undefined }[] = [];
  /** Bytes of the present frame's payload that are still to come. */
  private payloadLeft = 0;
  private header = Buffer.alloc(10);
  private headerLength = 0;

  constructor(
    private readonly socket: Socket,
    private readonly take: TakeBytes,
  ) {
    socket.write(REQUEST);
  }

  write(bytes: Uint8Array, done?: () => void): void {
    if (this.isUpgraded) this.socket.write(framed(bytes), done);
    else this.waiting.push({ bytes, done });
  }

  end(bytes: Uint8Array): void {
    this.socket.end(framed(bytes));
  }

  destroy(): void {
    this.socket.destroy();
  }

  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'close', listener: () => void): this;
  on(event: 'error' | 'close', listener: (error: Error) => void): this {
    this.socket.on(event as 'error', listener);
    return this;
  }

  once(event: string, listener: () => void): this {
    this.socket.once(event, listener);
    return this;
  }

  /** Takes what the socket has read; the bytes are valid during the call only. */
  received(length: number, bytes: Uint8Array): void {
    if (this.isUpgraded) return this.unframe(bytes, 0, length);
    this.head = Buffer.concat([this.head, bytes.subarray(0, length)]);
    const end = this.head.indexOf(HEAD_END);
    if (end < 0) return;
    const status = this.head.toString('latin1', 0, this.head.indexOf('\r\n'));
    if (!status.includes(' 101 ')) return void this.socket.destroy(new Error(`no upgrade: ${status}`));
    this.isUpgraded = true;
    for (const { bytes: early, done } of this.waiting.splice(0)) this.write(early, done);
    this.unframe(this.head, end + HEAD_END.length, this.head.length);
  }

  private unframe(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.payloadLeft === 0) {
        this.header[this.headerLength++] = bytes[at++]!;
        this.readHeader();
        continue;
      }
      const taken = Math.min(this.payloadLeft, end - at);
      this.payloadLeft -= taken;
      // A close frame says why: the end of the connection tells enough.
      if (this.header[0] !== CLOSE_FRAME) this.take(taken, bytes.subarray(at, at + taken));
      at += taken;
    }
  }

  /** Servers don't mask. */
  private readHeader(): void {
    const { header, headerLength } = this;
    if (headerLength < 2) return;
    const short = header[1]!;
    const needed = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (headerLength < needed) return;
    this.payloadLeft =
      short < 126 ? short : short === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
    this.headerLength = 0;
  }
}

/** MQTT packets, each in a frame of its own. */
function framed(packets: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(packets.length + (packets.length / 2) * HEADER_BYTES_MAX);
  let to = 0;
  for (let start = 0; start < packets.length;) {
    const end = packetEnd(packets, start);
    const length = end - start;
    out[to++] = BINARY_FRAME;
    if (length < 126) {
      out[to++] = MASKED | length;
    } else {
      out[to++] = MASKED | 126;
      out[to++] = length >>> 8;
      out[to++] = length;
    }
    for (let i = 0; i < 4; i++) out[to++] = MASK[i]!;
    for (let i = 0; i < length; i++) out[to++] = packets[start + i]! ^ MASK[i & 3]!;
    start = end;
  }
  return out.subarray(0, to);
}

function packetEnd(bytes: Uint8Array, start: number): number {
  let remaining = 0;
  let at = start + 1;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    remaining |= (byte & 0x7f) << shift;
    if (byte < 0x80) return at + remaining;
  }
}
