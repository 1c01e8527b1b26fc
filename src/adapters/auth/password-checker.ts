import { type PasswordHash, verifyPassword } from './password-hash.js';
import { type TurnLimits, TurnQueue } from './turn-queue.js';

/**
 * Checks passwords in the thread pool, a few at a time: costly as each is, a storm of logins would otherwise take every
 * processor away from the traffic of those who are in.
 */
export class PasswordChecker {
  private readonly turns: TurnQueue;

  /** @param limits The thread pool of Node.js has four threads, and is shared with the work on files. */
  constructor(limits: TurnLimits) {
    this.turns = new TurnQueue(limits);
  }

  /** @throws AuthenticationBusy when too many wait, or nobody waits for the answer any longer. */
  check(stored: PasswordHash, password: Uint8Array, isAwaited: () => boolean): Promise<boolean> {
    return this.turns.run(() => verifyPassword(stored, password), isAwaited);
  }
}
