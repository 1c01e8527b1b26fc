import type { AdminCaller } from '../../src/application/ports/admin-caller.js';
import type { BanStore } from '../../src/application/ports/ban-store.js';
import { type Ban, banKey, type BanSubject } from '../../src/domain/access/ban.js';

/** Bans in memory, as a database keeps them. */
export class FakeBanStore implements BanStore {
  readonly bans = new Map<string, Ban>();
  /** Who has changed them, where it wasn't the broker. */
  readonly changers: AdminCaller[] = [];
  isAway = false;
  private listener: () => void = () => undefined;

  load(): Promise<readonly Ban[]> {
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve([...this.bans.values()]);
  }

  add(ban: Ban, by?: AdminCaller): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('away'));
    if (by !== undefined) this.changers.push(by);
    this.bans.set(banKey(ban), ban);
    return Promise.resolve();
  }

  remove(subject: BanSubject, by?: AdminCaller): Promise<boolean> {
    if (this.isAway) return Promise.reject(new Error('away'));
    if (by !== undefined) this.changers.push(by);
    return Promise.resolve(this.bans.delete(banKey(subject)));
  }

  onChanged(listener: () => void): void {
    this.listener = listener;
  }

  /** Somebody else has changed them. */
  tell(): void {
    this.listener();
  }
}
