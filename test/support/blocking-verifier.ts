import type { PasswordVerifier } from '../../src/adapters/auth/password-verifier.js';
import { verifyPassword } from '../../src/adapters/auth/password-hash.js';

/** Checks passwords right here, which holds up everybody else meanwhile, and takes no thread. */
export const blockingVerifier: PasswordVerifier = {
  verify: (stored, password) => Promise.resolve(verifyPassword(stored, password)),
  stop: () => Promise.resolve(),
};
