/** Characters of a digest in base64url without padding. */
export const DIGEST_LENGTH = 43;

/** Makes the SHA-256 of payloads, each by itself. They are asked for in the order in which they came, and once. */
export interface PayloadDigests {
  /** Takes on the bytes from `start` on before `end`, behind all others; they may change afterwards. */
  add(bytes: Uint8Array, start: number, end: number): void;
  /** The digests of the first of them in base64url, `DIGEST_LENGTH` characters each: these are let go. */
  take(count: number): string;
}
