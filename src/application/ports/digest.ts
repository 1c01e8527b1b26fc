import type { PayloadDigests } from '../../domain/audit/payload-digests.js';

/** SHA-256, synchronous. */
export interface Digest {
  /** The digest of the parts one after another; texts count as UTF-8. */
  sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array;
  /** Makes digests of payloads. */
  payloads(): PayloadDigests;
}
