import { type Ban, banKey, type BanSubject, subjectDetails } from '../../domain/access/ban.js';
import { adminChange } from './admin-change.js';
import type { Sql } from './connect.js';
import { deleteBan, readBans, writeBan } from './postgres-ban-store.js';

/** Changes the bans in a broker's database, and leaves each change for the audit trail. */
export class BanAdministration {
  /** @param principal Who does it: the user of the operating system. */
  constructor(
    private readonly sql: Sql,
    private readonly principal: string,
  ) {}

  async add(ban: Ban): Promise<void> {
    await adminChange(this.sql, async (transaction) => {
      await writeBan(transaction, ban);
      const { reason, expiresAtMs } = ban;
      const details = { ...subjectDetails(ban), reason, expiresAtMs: expiresAtMs ?? null };
      return { kind: 'ban.added', principal: this.principal, details };
    });
  }

  /** @throws Error when there is no such ban. */
  async remove(subject: BanSubject): Promise<void> {
    const deed = await adminChange(this.sql, async (transaction) => {
      const isThere = await deleteBan(transaction, subject);
      return isThere
        ? { kind: 'ban.removed', principal: this.principal, details: subjectDetails(subject) }
        : undefined;
    });
    if (deed === undefined)
      throw new Error(
        `there is no such ban, named as it was imposed (${banKey(subject)}): "surety ban list" shows them`,
      );
  }

  list(nowMs: number): Promise<Ban[]> {
    return readBans(this.sql, nowMs);
  }
}
