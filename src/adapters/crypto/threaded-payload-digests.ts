import { hash } from 'node:crypto';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { DIGEST_LENGTH, type PayloadDigests } from '../../domain/audit/payload-digests.js';
import { PAYLOAD_MAX, PayloadRing } from './payload-ring.js';

const PROGRAM = new URL('./payload-thread.js', import.meta.url);
/** Payloads that wait at a time before a thread is worth while. */
const THREAD_FROM = 64;

/**
 * Makes digests on a thread of its own, which starts when many wait: on the event loop, each takes half as long as all else
 * that is done to route a message. What the thread hasn't made when it is asked for is made here, so that nobody waits for
 * it, and it may fail. It ends with the process and keeps nobody from ending.
 */
export class ThreadedPayloadDigests implements PayloadDigests {
  private ring: PayloadRing | undefined;
  /** Digests that are older than those in the ring, which was full. */
  private older = '';
  private thread: Worker | undefined;

  /** The program of the thread and its options are for tests, which run it from its source. */
  constructor(
    private readonly program = PROGRAM,
    private readonly options: WorkerOptions = {},
  ) {}

  /** How many of those that wait the thread has made. */
  get ready(): number {
    return this.ring?.ready ?? 0;
  }

  /** Whether the thread waits to be woken. */
  get isAsleep(): boolean {
    return this.ring?.isAsleep ?? false;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const ring = (this.ring ??= PayloadRing.make());
    const isLarge = end - start > PAYLOAD_MAX;
    if (!ring.hasRoom(isLarge ? 0 : end - start)) this.older += ring.take(ring.waiting);
    if (isLarge) ring.addDigest(hash('sha256', bytes.subarray(start, end), 'base64url'));
    else ring.add(bytes, start, end);
    if (this.thread === undefined && ring.waiting >= THREAD_FROM) this.startThread(ring);
  }

  take(count: number): string {
    const { older } = this;
    if (older === '') return this.ring?.take(count) ?? '';
    const end = Math.min(count, older.length / DIGEST_LENGTH);
    this.older = older.slice(end * DIGEST_LENGTH);
    return older.slice(0, end * DIGEST_LENGTH) + (this.ring?.take(count - end) ?? '');
  }

  /** Once: when it dies, all is done here. */
  private startThread({ memory }: PayloadRing): void {
    this.thread = new Worker(this.program, { ...this.options, workerData: memory });
    this.thread.unref();
    this.thread.on('error', () => undefined);
  }
}
