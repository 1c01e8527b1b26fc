import type { PasswordHash } from './password-hash.js';

/** Does the costly work of comparing a password with a stored hash. */
export interface PasswordVerifier {
  /** Whether it is the password that was stored. @throws Error when it can't tell. */
  verify(stored: PasswordHash, password: Uint8Array): Promise<boolean>;
  /** What is under way fails. */
  stop(): Promise<void>;
}
