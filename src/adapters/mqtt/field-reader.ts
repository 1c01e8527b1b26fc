import { textIn } from './utf8-text.js';

/**
 * Walks the fields of a packet's body and notes what is wrong with them. After a fault all reads
 * give nothing, so that a caller checks once, at the end.
 */
export class FieldReader {
  fault: 'malformed_packet' | 'bad_utf8' | undefined;

  private readonly bytes: Buffer;

  constructor(
    bytes: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** A reader that goes on from here by itself. */
  fork(): FieldReader {
    return new FieldReader(this.bytes, this.at, this.end);
  }

  uint8(): number {
    return this.has(1) ? (this.bytes[this.at++] as number) : 0;
  }

  uint16(): number {
    return (this.uint8() << 8) | this.uint8();
  }

  /** A field of bytes behind its two-byte length. */
  binary(): Uint8Array {
    const start = this.passField();
    return this.bytes.subarray(start, this.at);
  }

  /** A text field behind its two-byte length. */
  text(): string {
    const start = this.passField();
    const text = textIn(this.bytes, start, this.at);
    if (text === undefined) this.fault = 'bad_utf8';
    return text ?? '';
  }

  /** Bytes left over after the last field are a fault. */
  expectEnd(): void {
    if (!this.isAtEnd) this.fault ??= 'malformed_packet';
  }

  /** Goes past the bytes of a field. @returns where they start; where they end if the field isn't whole. */
  private passField(): number {
    const length = this.uint16();
    if (this.has(length)) this.at += length;
    return this.fault === undefined ? this.at - length : this.at;
  }

  private has(length: number): boolean {
    if (this.fault === undefined && this.at + length > this.end) this.fault = 'malformed_packet';
    return this.fault === undefined;
  }
}
