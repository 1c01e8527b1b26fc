import type { PasswordHash } from './password-hash.js';
import type { PasswordVerifier } from './password-verifier.js';
import { type TurnLimits, TurnQueue } from './turn-queue.js';

/**
 * Has passwords checked a few at a time: costly as each is, a storm of logins would otherwise take every processor
 * away from the traffic of those who are in.
 */
export class PasswordChecker {
  private readonly turns: TurnQueue;

  constructor(
    private readonly verifier: PasswordVerifier,
    limits: TurnLimits,
  ) {
    this.turns = new TurnQueue(limits);
  }

  /** @throws AuthenticationBusy when too many wait, or nobody waits for the answer any longer. */
  check(stored: PasswordHash, password: Uint8Array, isAwaited: () => boolean): Promise<boolean> {
    return this.turns.run(() => this.verifier.verify(stored, password), isAwaited);
  }

  stop(): Promise<void> {
    return this.verifier.stop();
  }
}
