/** Holds the private key. */
export interface CheckpointSigner {
  /** Names the key: the first 16 hex digits of SHA-256 of the raw public key. */
  readonly key: string;
  /** The Ed25519 signature over the text as UTF-8, in base64. */
  sign(text: string): string;
}

/** What a signature is worth. */
export type SignatureVerdict = 'valid' | 'invalid' | 'unknown-key';

/** Holds public keys. */
export interface SignatureVerifier {
  /** @param key The name of the key that is said to have signed. */
  verify(key: string, text: string, signature: string): SignatureVerdict;
}
