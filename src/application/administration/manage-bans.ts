import { type Ban, banKey, type BanSubject, subjectDetails } from '../../domain/access/ban.js';
import type { Bans } from '../authentication/bans.js';
import type { AdminCaller } from '../ports/admin-caller.js';
import type { WalkRange } from './browse-state.js';
import type { SettleChange } from './settle-change.js';
import type { Change, Step } from './views.js';

/** Changes who is kept out. */
export class ManageBans {
  constructor(
    private readonly bans: Bans,
    private readonly settle: SettleChange,
  ) {}

  /** Those that hold, the oldest first. */
  list({ after, limit }: WalkRange): Step<Ban> {
    const { number, name = '' } = after;
    const placed = [...this.bans.holding()]
      .map((ban) => ({ ban, place: { number: ban.createdAtMs, name: banKey(ban) } }))
      .filter(({ place }) => place.number > number || (place.number === number && place.name > name))
      .sort((a, b) => a.place.number - b.place.number || (a.place.name < b.place.name ? -1 : 1));
    const shown = placed.slice(0, limit);
    return {
      items: shown.map(({ ban }) => ban),
      next: shown.length < placed.length ? shown.at(-1)?.place : undefined,
    };
  }

  /** In place of a ban of the same subject. @throws Error when it can't be stored: then nothing has changed. */
  async add(ban: Ban, by: AdminCaller): Promise<Change> {
    await this.bans.add(ban, by);
    return this.settle('ban.add', by, subjectDetails(ban));
  }

  /** @returns undefined when there is no such ban. @throws Error when that can't be stored: then nothing has changed. */
  async lift(subject: BanSubject, by: AdminCaller): Promise<Change | undefined> {
    const wasThere = await this.bans.lift(subject, by);
    return wasThere ? this.settle('ban.remove', by, subjectDetails(subject)) : undefined;
  }
}
