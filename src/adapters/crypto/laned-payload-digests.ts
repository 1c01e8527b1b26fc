import { hash } from 'node:crypto';
import { DIGEST_LENGTH, type PayloadDigests } from '../../domain/audit/payload-digests.js';
import { LANE_PAYLOAD_MAX, laneAt, LANES, LANES_END, type Sha256Lanes, sha256Lanes } from './sha256-lanes.js';

/** Digests that there is room for in the program's memory. */
const ROOM = 1024;
/** Each time four are written, and one byte more. */
const MEMORY_BYTES = LANES_END + (ROOM + LANES) * DIGEST_LENGTH + 1;

type Lengths = [number, number, number, number];

/**
 * Makes digests of short payloads four at a time, on the event loop: OpenSSL, one at a time, takes twice as long with what
 * comes and goes with each call, and a second thread gets its payloads from one processor's cache to the other's.
 */
export class LanedPayloadDigests implements PayloadDigests {
  private readonly memory: Buffer;
  /** The lengths of the payloads that lie in the lanes; those of earlier ones in the others. */
  private readonly lengths = new Uint32Array(LANES);
  private used = 0;
  /** How many digests lie in memory. */
  private made = 0;
  /** Digests that are older than those in memory, which was full. */
  private older = '';

  private constructor(private readonly lanes: Sha256Lanes) {
    this.memory = Buffer.from(lanes.memory.buffer);
  }

  /** @returns undefined where this Node.js can't run the program. */
  static make(): LanedPayloadDigests | undefined {
    const lanes = sha256Lanes(MEMORY_BYTES);
    return lanes && new LanedPayloadDigests(lanes);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.made + this.used >= ROOM) this.makeRoom();
    if (end - start > LANE_PAYLOAD_MAX) return this.addLong(bytes.subarray(start, end));
    this.memory.set(bytes.subarray(start, end), laneAt(this.used));
    this.lengths[this.used++] = end - start;
    if (this.used === LANES) this.digest();
  }

  take(count: number): string {
    if (this.used > 0) this.digest();
    const { older } = this;
    if (older === '') return this.takeMade(count);
    const end = Math.min(count, older.length / DIGEST_LENGTH);
    this.older = older.slice(end * DIGEST_LENGTH);
    return older.slice(0, end * DIGEST_LENGTH) + this.takeMade(count - end);
  }

  /** Digests what lies in the lanes. */
  private digest(): void {
    const { lengths } = this;
    const [one, two, three, four] = [lengths[0], lengths[1], lengths[2], lengths[3]] as Lengths;
    this.lanes.digest(one, two, three, four, placeOf(this.made));
    this.made += this.used;
    this.used = 0;
  }

  private addLong(payload: Uint8Array): void {
    if (this.used > 0) this.digest();
    this.memory.write(hash('sha256', payload, 'base64url'), placeOf(this.made++), 'latin1');
  }

  private makeRoom(): void {
    if (this.used > 0) this.digest();
    this.older += this.takeMade(this.made);
  }

  private takeMade(count: number): string {
    const text = this.memory.toString('latin1', LANES_END, placeOf(count));
    this.memory.copyWithin(LANES_END, placeOf(count), placeOf(this.made));
    this.made -= count;
    return text;
  }
}

const placeOf = (digest: number): number => LANES_END + digest * DIGEST_LENGTH;
