import { hash } from 'node:crypto';
import { DIGEST_LENGTH } from '../../domain/audit/payload-digests.js';

/** Payloads that wait in it at most; a power of two. */
const SLOTS = 2048;
/** Their bytes, one payload behind the other. So small that it stays in the processor's cache: else it is slower than no thread. */
const PAYLOAD_BYTES = 131_072;
/** The largest payload that it takes, in bytes. */
export const PAYLOAD_MAX = PAYLOAD_BYTES / 8;
/** Up to this size a payload is copied byte by byte, as a view to copy from takes longer to make. Bytes. */
const SHORT_COPY_MAX = 128;
/** The second thread is told of so many payloads at once: each time, memory goes from one processor to the other. */
const TOLD_AT_ONCE = 32;
/**
 * With nothing left to do it naps before it looks again, twice as long each time, in milliseconds: it is done with some
 * payloads before the next ones come, and to be woken each time would cost the event loop.
 */
const NAP_MS_MIN = 0.25;
/** After such a nap it sleeps until it is woken, so that an idle broker has an idle thread. */
const NAP_MS_MAX = 4;

/** Places in `counters`: the end of the payloads that were told, the first whose digest wasn't taken, whether one sleeps, */
const ADDED = 0;
const TAKEN = 1;
const SLEEPS = 2;
/** and what a nap waits for, which never happens. */
const NEVER = 3;
const COUNTERS = 4;
const COUNTER_BYTES = 4 * COUNTERS;

const NOTHING = new Uint8Array(0);

/**
 * Payloads in memory that two threads share: one adds them and takes their digests, the other makes these meanwhile.
 *
 * A payload has a number, and the slot of that number: there stand where its bytes are, and its digest. The second thread
 * writes the number to `stamps` behind the digest: a digest is there if its stamp is its number. One that isn't is made by
 * whoever takes it, as the second thread may be late, or gone. If it is so late that the slot has another payload by then,
 * it stamps what it has made with the old number, which nobody looks for, and comes to the other payload later. Numbers go
 * round at 2^32.
 */
export class PayloadRing {
  private readonly counters: Int32Array;
  private readonly stamps: Int32Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly payloads: Buffer;
  private readonly digests: Buffer;
  /** Digests that were made elsewhere, by the number of the payload. */
  private readonly given = new Map<number, string>();
  private readonly out = Buffer.allocUnsafe(SLOTS * DIGEST_LENGTH);
  private added = 0;
  private taken = 0;
  /** Where the bytes of the last payload end. */
  private end = 0;

  private constructor(readonly memory: SharedArrayBuffer) {
    const stampsAt = COUNTER_BYTES;
    const startsAt = stampsAt + 4 * SLOTS;
    const endsAt = startsAt + 4 * SLOTS;
    const payloadsAt = endsAt + 4 * SLOTS;
    const digestsAt = payloadsAt + PAYLOAD_BYTES;
    this.counters = new Int32Array(memory, 0, COUNTERS);
    this.stamps = new Int32Array(memory, stampsAt, SLOTS);
    this.starts = new Int32Array(memory, startsAt, SLOTS);
    this.ends = new Int32Array(memory, endsAt, SLOTS);
    this.payloads = Buffer.from(memory, payloadsAt, PAYLOAD_BYTES);
    this.digests = Buffer.from(memory, digestsAt, SLOTS * DIGEST_LENGTH);
  }

  static make(): PayloadRing {
    const ring = new PayloadRing(
      new SharedArrayBuffer(COUNTER_BYTES + PAYLOAD_BYTES + SLOTS * (12 + DIGEST_LENGTH)),
    );
    // The number of another slot: no digest is there.
    for (let slot = 0; slot < SLOTS; slot++) ring.stamps[slot] = slot + 1;
    return ring;
  }

  /** The same ring, for the second thread. */
  static over(memory: SharedArrayBuffer): PayloadRing {
    return new PayloadRing(memory);
  }

  /** Payloads whose digests weren't taken. */
  get waiting(): number {
    return (this.added - this.taken) | 0;
  }

  /** How many of these the second thread has made already. */
  get ready(): number {
    let ready = 0;
    for (let i = 0; i < this.waiting; i++) if (this.isMade((this.taken + i) | 0)) ready++;
    return ready;
  }

  /** Whether the second thread has to be woken when there is something to do. */
  get isAsleep(): boolean {
    return Atomics.load(this.counters, SLEEPS) === 1;
  }

  /** Whether there is room for one more payload, of so many bytes. */
  hasRoom(bytes: number): boolean {
    if (this.waiting === 0) return true;
    if (this.waiting === SLOTS) return false;
    const oldest = this.starts[this.taken & (SLOTS - 1)] as number;
    const start = this.nextStart(bytes);
    // What waits lies between the oldest and the end, or around them.
    return this.end > oldest
      ? start >= this.end || start + bytes <= oldest
      : start >= this.end && start + bytes <= oldest;
  }

  /** Takes on a payload of `PAYLOAD_MAX` bytes at most. There must be room. */
  add(bytes: Uint8Array, from: number, to: number): void {
    const slot = this.added & (SLOTS - 1);
    const start = this.nextStart(to - from);
    if (to - from > SHORT_COPY_MAX) this.payloads.set(bytes.subarray(from, to), start);
    else this.copyShort(bytes, from, to);
    this.starts[slot] = start;
    this.ends[slot] = this.end = start + to - from;
    this.added = (this.added + 1) | 0;
    if (this.added % TOLD_AT_ONCE === 0) this.tell();
  }

  /** Gives the place of a payload to one that is larger, and whose digest this is. */
  addDigest(digest: string): void {
    this.given.set(this.added, digest);
    this.add(NOTHING, 0, 0);
  }

  /** The digests of the first that wait, as a text. There must be so many. */
  take(count: number): string {
    for (let done = 0; done < count;) {
      const first = (this.taken + done) | 0;
      const slot = first & (SLOTS - 1);
      const run = this.madeRun(first, Math.min(count - done, SLOTS - slot));
      const at = done * DIGEST_LENGTH;
      if (run > 0) this.digests.copy(this.out, at, slot * DIGEST_LENGTH, (slot + run) * DIGEST_LENGTH);
      else this.out.write(this.given.get(first) ?? this.digestOf(slot), at, 'latin1');
      this.given.delete(first);
      done += Math.max(1, run);
    }
    this.taken = (this.taken + count) | 0;
    this.tell();
    Atomics.store(this.counters, TAKEN, this.taken);
    return this.out.toString('latin1', 0, count * DIGEST_LENGTH);
  }

  /** What the second thread does: never returns. */
  work(): never {
    for (let next = 0, napMs = NAP_MS_MIN; ;) {
      // First, so that it isn't behind what was added.
      const taken = Atomics.load(this.counters, TAKEN);
      const added = Atomics.load(this.counters, ADDED);
      if (((taken - next) | 0) > 0) next = taken;
      if (next === added) {
        napMs = this.rest(added, napMs);
        continue;
      }
      napMs = NAP_MS_MIN;
      const slot = next & (SLOTS - 1);
      this.digests.write(this.digestOf(slot), slot * DIGEST_LENGTH, 'latin1');
      Atomics.store(this.stamps, slot, next);
      next = (next + 1) | 0;
    }
  }

  /** Waits where nothing was added beyond `added`. @returns how long to nap the next time, in milliseconds. */
  private rest(added: number, napMs: number): number {
    if (napMs <= NAP_MS_MAX) {
      Atomics.wait(this.counters, NEVER, 0, napMs);
      return 2 * napMs;
    }
    Atomics.store(this.counters, SLEEPS, 1);
    Atomics.wait(this.counters, ADDED, added);
    return NAP_MS_MIN;
  }

  private copyShort(bytes: Uint8Array, from: number, to: number): void {
    const { payloads } = this;
    for (let read = from, write = this.nextStart(to - from); read < to; read++, write++)
      payloads[write] = bytes[read] as number;
  }

  private nextStart(bytes: number): number {
    return this.end + bytes > PAYLOAD_BYTES ? 0 : this.end;
  }

  private tell(): void {
    Atomics.store(this.counters, ADDED, this.added);
    if (Atomics.compareExchange(this.counters, SLEEPS, 1, 0) === 1) Atomics.notify(this.counters, ADDED);
  }

  /** How many digests from a number on the second thread has made, in a row. */
  private madeRun(first: number, max: number): number {
    let run = 0;
    while (run < max && this.isMade((first + run) | 0)) run++;
    return run;
  }

  private isMade(number: number): boolean {
    if (this.given.size > 0 && this.given.has(number)) return false;
    return Atomics.load(this.stamps, number & (SLOTS - 1)) === number;
  }

  private digestOf(slot: number): string {
    return hash('sha256', this.payloads.subarray(this.starts[slot], this.ends[slot]), 'base64url');
  }
}
