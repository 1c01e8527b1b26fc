import type { ByteStream } from '../../application/ports/byte-stream.js';
import { type BufferPool, POOLED_BYTES_MAX } from './buffer-pool.js';
import type { Flushable, FlushSchedule } from './flush-schedule.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Below this, copying byte by byte beats making a view to copy from. Bytes. */
const SHORT_COPY_MAX = 48;

/** Whom an outbox tells. */
export interface OutboxOwner {
  /** A fault of our own while it was written. */
  fail(error: unknown): void;
  /** What was gathered has been written. */
  flushed(): void;
}

/**
 * Gathers what one connection is sent, and writes it once a tick.
 *
 * Packets are put together in a buffer lent from the pool. Packets that are passed on unchanged, and
 * follow each other in the chunk that they came in, aren't copied one by one: their range is noted
 * as a run, and copied or written as a whole. While the network is behind, what is gathered waits
 * here, and `waitingBytes` tells how much.
 */
export class Outbox implements Flushable {
  earlyTick = -1;

  private buffer: Buffer | undefined;
  private length = 0;
  private runBytes = NO_BYTES;
  private runStart = 0;
  private runEnd = 0;
  /** Written, and not yet taken by the network. */
  private unsentBytes = 0;
  private isScheduled = false;

  constructor(
    private readonly stream: ByteStream,
    private readonly pool: BufferPool,
    private readonly schedule: FlushSchedule,
    private readonly owner: OutboxOwner,
  ) {}

  /** All that the peer hasn't taken yet, in bytes. */
  get waitingBytes(): number {
    return this.unsentBytes + this.length + this.runEnd - this.runStart;
  }

  /** Whether the network is behind. */
  get isBehind(): boolean {
    return this.unsentBytes > 0;
  }

  /**
   * Makes room for `bytes` more and returns the buffer; the caller fills it from `position` on.
   * The buffer is good until the next call.
   */
  reserve(bytes: number): Buffer {
    if (this.runEnd > this.runStart) this.copyRun();
    return this.grow(bytes);
  }

  /** Where the bytes that were reserved start. @param bytes As reserved. */
  advance(bytes: number): number {
    const position = this.length;
    this.length += bytes;
    this.scheduleFlush();
    return position;
  }

  /** Sends a range of bytes, which must not change until they are written. */
  pass(bytes: Uint8Array, start: number, end: number): void {
    if (bytes === this.runBytes && start === this.runEnd) {
      this.runEnd = end;
      return;
    }
    if (this.runEnd > this.runStart) this.copyRun();
    this.runBytes = bytes;
    this.runStart = start;
    this.runEnd = end;
    this.scheduleFlush();
  }

  /** Asks for a flush at the end of this tick, also when there is nothing to write. */
  scheduleFlush(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.schedule.add(this);
  }

  /** Writes what was gathered, unless the network is behind and it can still wait here. */
  flush(): void {
    this.isScheduled = false;
    if (this.unsentBytes > 0 && this.waitingBytes - this.unsentBytes < POOLED_BYTES_MAX) return;
    this.writeAll();
    this.owner.flushed();
  }

  fail(error: unknown): void {
    this.owner.fail(error);
  }

  /** Writes what was gathered, whatever the network's state. */
  writeAll(): void {
    if (this.runEnd > this.runStart) {
      if (this.length === 0) {
        const run = this.runBytes.subarray(this.runStart, this.runEnd);
        this.forgetRun();
        this.write(run);
        return;
      }
      this.copyRun();
    }
    if (this.length > 0) this.writeBuffer();
  }

  /** The network has taken something. @returns whether it was behind and isn't any more. */
  written(): boolean {
    if (this.unsentBytes === 0) return false;
    this.unsentBytes = this.stream.waitingBytes;
    if (this.unsentBytes > 0) return false;
    this.writeAll();
    return true;
  }

  /** Drops what was gathered: the connection is gone. */
  clear(): void {
    this.forgetRun();
    if (this.buffer !== undefined) this.pool.giveBack(this.buffer);
    this.buffer = undefined;
    this.length = this.unsentBytes = 0;
  }

  private grow(bytes: number): Buffer {
    const { buffer } = this;
    if (buffer === undefined) return (this.buffer = this.pool.lend(bytes));
    const needed = this.length + bytes;
    if (needed <= buffer.length) return buffer;
    if (needed > POOLED_BYTES_MAX) {
      if (this.length > 0) this.writeBuffer();
      return this.grow(bytes);
    }
    const larger = this.pool.lend(needed);
    larger.set(buffer.subarray(0, this.length));
    this.pool.giveBack(buffer);
    return (this.buffer = larger);
  }

  private copyRun(): void {
    const { runBytes, runStart, runEnd } = this;
    const bytes = runEnd - runStart;
    this.forgetRun();
    if (bytes > POOLED_BYTES_MAX) {
      if (this.length > 0) this.writeBuffer();
      this.write(runBytes.subarray(runStart, runEnd));
      return;
    }
    const buffer = this.grow(bytes);
    copy(runBytes, runStart, runEnd, buffer, this.length);
    this.length += bytes;
  }

  private forgetRun(): void {
    this.runBytes = NO_BYTES;
    this.runStart = this.runEnd = 0;
  }

  private writeBuffer(): void {
    const { buffer, length } = this;
    if (buffer === undefined) return;
    this.buffer = undefined;
    this.length = 0;
    this.write(buffer.subarray(0, length));
    // What the network has taken at once needs its bytes no longer.
    if (this.unsentBytes === 0) this.pool.giveBack(buffer);
  }

  private write(bytes: Uint8Array): void {
    this.stream.write(bytes);
    this.unsentBytes = this.stream.waitingBytes;
  }
}

/** Copies `source` from `start` to `end` into `target` at `position`. */
export function copy(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  position: number,
): void {
  if (end - start > SHORT_COPY_MAX) {
    target.set(source.subarray(start, end), position);
    return;
  }
  for (let from = start, to = position; from < end; from++, to++) target[to] = source[from] as number;
}
