const INITIAL_BYTES = 16 * 1024;

/** Takes bytes and calls back once they may be overwritten. */
export type WriteBytes = (bytes: Uint8Array, done: () => void) => void;

/**
 * Gathers packets and writes them out in one piece. Two buffers take turns:
 * while the socket holds one, the other one fills.
 */
export class Outbox {
  private filling = new Uint8Array(INITIAL_BYTES);
  private spare = new Uint8Array(INITIAL_BYTES);
  private length = 0;
  private isWriting = false;

  constructor(private readonly write: WriteBytes) {}

  /** Adds a packet that is nothing but a header byte, the length 2, and a packet id. */
  addAck(header: number, packetIdHigh: number, packetIdLow: number): void {
    if (this.length + 4 > this.filling.length) this.grow(4);
    const bytes = this.filling;
    bytes[this.length] = header;
    bytes[this.length + 1] = 2;
    bytes[this.length + 2] = packetIdHigh;
    bytes[this.length + 3] = packetIdLow;
    this.length += 4;
  }

  /** Adds a copy of the bytes from `start` to `end`. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.length + count > this.filling.length) this.grow(count);
    this.filling.set(bytes.subarray(start, end), this.length);
    this.length += count;
  }

  /** Writes what was gathered, now or as soon as the previous write is done. */
  flush(): void {
    if (this.isWriting || this.length === 0) return;
    const full = this.filling;
    const length = this.length;
    this.filling = this.spare;
    this.spare = full;
    this.length = 0;
    this.isWriting = true;
    this.write(full.subarray(0, length), this.written);
  }

  private readonly written = (): void => {
    this.isWriting = false;
    this.flush();
  };

  private grow(bytesMore: number): void {
    const grown = new Uint8Array((this.filling.length + bytesMore) * 2);
    grown.set(this.filling.subarray(0, this.length));
    this.filling = grown;
  }
}
