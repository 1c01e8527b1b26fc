import { hash } from 'node:crypto';
import { DIGEST_LENGTH, type PayloadDigests } from '../../domain/audit/payload-digests.js';

/** Makes digests one by one, by OpenSSL. */
export class SinglePayloadDigests implements PayloadDigests {
  private digests = '';

  add(bytes: Uint8Array, start: number, end: number): void {
    this.digests += hash('sha256', bytes.subarray(start, end), 'base64url');
  }

  take(count: number): string {
    const taken = this.digests.slice(0, count * DIGEST_LENGTH);
    this.digests = this.digests.slice(taken.length);
    return taken;
  }
}
