/** Buffers are lent in these sizes, so that a link with little to say costs little. Bytes. */
const SIZES = [512, 4096, 16_384, 65_536] as const;
/** Free buffers kept of each size. */
const FREE_MAX = 64;

/** The largest buffer that the pool lends, in bytes. */
export const POOLED_BYTES_MAX = 65_536;

/** Write buffers for all links: each is lent from the first byte of a tick until it is written. */
export class BufferPool {
  private readonly free: Buffer[][] = SIZES.map(() => []);

  /** A buffer of at least this size; over the largest pooled size it is one of its own. */
  lend(bytesMin: number): Buffer {
    const size = SIZES.findIndex((candidate) => candidate >= bytesMin);
    if (size < 0) return Buffer.allocUnsafeSlow(bytesMin);
    return this.free[size]?.pop() ?? Buffer.allocUnsafeSlow(SIZES[size] ?? bytesMin);
  }

  /** Takes a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    const size = SIZES.indexOf(buffer.length as (typeof SIZES)[number]);
    const free = this.free[size];
    if (free !== undefined && free.length < FREE_MAX) free.push(buffer);
  }
}
