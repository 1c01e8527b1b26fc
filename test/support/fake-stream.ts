import type { ByteStream, StreamListener } from '../../src/application/ports/byte-stream.js';

/**
 * A stream whose network a test can stall. As long as a write waits, only a reference to its bytes is
 * held: who changes them too early is seen, because they are copied when the network takes them.
 * As on a socket, a write counts as waiting until all of it is taken.
 */
export class FakeStream implements ByteStream {
  readonly certificate = undefined;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;
  /** Calls of `write`, each of which costs a socket a system call. */
  writeCount = 0;

  private listener: StreamListener | undefined;
  private readonly waiting: Uint8Array[] = [];
  private readonly taken: Buffer[] = [];
  private isStalled = false;

  constructor(readonly remoteAddress = '192.0.2.1') {}

  listen(listener: StreamListener): void {
    this.listener = listener;
  }

  get waitingBytes(): number {
    return this.waiting.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  write(bytes: Uint8Array): void {
    if (this.isEnded || this.isDestroyed) throw new Error('written after the end');
    this.writeCount += 1;
    this.waiting.push(bytes);
    if (!this.isStalled) this.take();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** From now on the network takes nothing by itself. */
  stall(): void {
    this.isStalled = true;
  }

  /** The network takes the oldest writes, all of them by default. Their `written` follows in a microtask. */
  take(writes = this.waiting.length): void {
    for (const bytes of this.waiting.splice(0, writes)) {
      this.taken.push(Buffer.from(bytes));
      queueMicrotask(() => this.listener?.written());
    }
  }

  /** Takes what waits, and all that comes from now on. */
  flow(): void {
    this.isStalled = false;
    this.take();
  }

  /** All that the network has taken since the last call. */
  takeSent(): Buffer {
    return Buffer.concat(this.taken.splice(0));
  }

  /** The peer sends these bytes. */
  receive(bytes: Uint8Array): void {
    this.listener?.received(bytes);
  }

  /** Both sides have ended. */
  close(): void {
    const { listener } = this;
    this.isDestroyed = true;
    this.listener = undefined;
    listener?.closed();
  }
}
