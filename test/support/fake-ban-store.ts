import type { BanStore } from '../../src/application/ports/ban-store.js';
import { type Ban, banKey } from '../../src/domain/access/ban.js';

/** Bans in memory, as a database keeps them. */
export class FakeBanStore implements BanStore {
  readonly bans = new Map<string, Ban>();
  isAway = false;
  private listener: () => void = () => undefined;

  load(): Promise<readonly Ban[]> {
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve([...this.bans.values()]);
  }

  add(ban: Ban): Promise<void> {
    this.bans.set(banKey(ban), ban);
    return Promise.resolve();
  }

  remove(ban: Ban): Promise<void> {
    this.bans.delete(banKey(ban));
    return Promise.resolve();
  }

  onChanged(listener: () => void): void {
    this.listener = listener;
  }

  /** Somebody else has changed them. */
  tell(): void {
    this.listener();
  }
}
