import { createHash, hash } from 'node:crypto';
import type { Digest } from '../../application/ports/digest.js';
import type { PayloadDigests } from '../../domain/audit/payload-digests.js';
import { LanedPayloadDigests } from './laned-payload-digests.js';
import { SinglePayloadDigests } from './single-payload-digests.js';

/** What is gathered in one buffer and digested by one call, which costs less; in bytes. */
const GATHERED_BYTES_MAX = 262_144;
/** The most bytes that UTF-8 takes for a unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/** SHA-256 by OpenSSL. */
export class NodeDigest implements Digest {
  private readonly gathered = Buffer.allocUnsafe(GATHERED_BYTES_MAX);

  sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
    let end = 0;
    for (const part of parts) {
      const isText = typeof part === 'string';
      if (end + part.length * (isText ? BYTES_PER_UNIT : 1) > GATHERED_BYTES_MAX) return inParts(parts);
      if (isText) end += this.gathered.write(part, end);
      else {
        this.gathered.set(part, end);
        end += part.length;
      }
    }
    // A buffer that comes from there has memory of its own, and takes twice as long.
    return Buffer.from(hash('sha256', this.gathered.subarray(0, end), 'binary'), 'binary');
  }

  payloads(): PayloadDigests {
    return LanedPayloadDigests.make() ?? new SinglePayloadDigests();
  }
}

function inParts(parts: readonly (Uint8Array | string)[]): Uint8Array {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** The SHA-256 of a text, in hexadecimal. */
export function hexDigest(text: string): string {
  return hash('sha256', text, 'hex');
}
