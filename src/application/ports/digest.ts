/** SHA-256, synchronous. */
export interface Digest {
  /** The digest of the parts one after another; texts count as UTF-8. */
  sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array;
  /** The digest of some bytes in base64url, without padding. */
  sha256Text(bytes: Uint8Array): string;
}
