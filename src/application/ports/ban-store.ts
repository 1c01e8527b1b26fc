import type { Ban, BanSubject } from '../../domain/access/ban.js';

/** Where bans outlive the broker. */
export interface BanStore {
  /** All that have not ended by this time. */
  load(nowMs: number): Promise<readonly Ban[]>;
  /** Adds a ban, in place of one of the same subject. */
  add(ban: Ban): Promise<void>;
  remove(subject: BanSubject): Promise<void>;
  /** Calls the listener when somebody else may have changed them. */
  onChanged(listener: () => void): void;
}
