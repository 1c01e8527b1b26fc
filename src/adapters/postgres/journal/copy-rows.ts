/** The signature, flags and header length that every binary COPY starts with. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** From the Unix epoch to PostgreSQL's, 2000-01-01, in milliseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** Most batches are small: a buffer that is too large for them is garbage at every commit. Bytes. */
const BYTES_MIN = 2048;

/**
 * Rows in PostgreSQL's binary COPY format (COPY, "Binary Format"): a count of fields, then each field
 * behind its length. No value is turned into text on the way, which makes it the cheapest way in.
 */
export class CopyRows {
  private buffer = Buffer.allocUnsafe(BYTES_MIN);
  private length = HEADER.copy(this.buffer);
  private rows = 0;

  get count(): number {
    return this.rows;
  }

  row(fields: number): void {
    this.rows++;
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(fields, this.length);
  }

  int8(value: number): void {
    this.field(8);
    this.length = this.buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), this.length);
    this.length = this.buffer.writeUInt32BE(value % 0x1_0000_0000, this.length);
  }

  int4(value: number): void {
    this.field(4);
    this.length = this.buffer.writeInt32BE(value, this.length);
  }

  int2(value: number): void {
    this.field(2);
    this.length = this.buffer.writeInt16BE(value, this.length);
  }

  bool(value: boolean): void {
    this.field(1);
    this.length = this.buffer.writeUInt8(value ? 1 : 0, this.length);
  }

  /** @param ms Milliseconds since the Unix epoch. */
  timestamp(ms: number): void {
    this.int8((ms - POSTGRES_EPOCH_MS) * 1000);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.field(bytes);
    this.length += this.buffer.write(value, this.length);
  }

  bytes(source: Uint8Array, start: number, end: number): void {
    this.field(end - start);
    this.buffer.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  null(): void {
    this.reserve(4);
    this.length = this.buffer.writeInt32BE(-1, this.length);
  }

  /** Ends the rows. @returns all bytes. */
  finish(): Buffer {
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(-1, this.length);
    return this.buffer.subarray(0, this.length);
  }

  private field(bytes: number): void {
    this.reserve(4 + bytes);
    this.length = this.buffer.writeInt32BE(bytes, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
