import type { AdminCaller } from './admin-caller.js';
import type { Ban, BanSubject } from '../../domain/access/ban.js';

/** Where bans outlive the broker. */
export interface BanStore {
  /** All that have not ended by this time. */
  load(nowMs: number): Promise<readonly Ban[]>;
  /** Adds a ban, in place of one of the same subject. @param by Whose deed is left for the audit trail; else the broker's own. */
  add(ban: Ban, by?: AdminCaller): Promise<void>;
  /** @returns whether there was one. */
  remove(subject: BanSubject, by?: AdminCaller): Promise<boolean>;
  /** Calls the listener when somebody else may have changed them. */
  onChanged(listener: () => void): void;
}
