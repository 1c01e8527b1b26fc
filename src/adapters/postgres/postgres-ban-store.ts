import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import type { AdminCaller } from '../../application/ports/admin-caller.js';
import type { BanStore } from '../../application/ports/ban-store.js';
import { parseAddressRange } from '../../domain/access/address-range.js';
import { type Ban, banKey, type BanSubject, subjectDetails } from '../../domain/access/ban.js';
import { adminChange, type AdminChange } from './admin-change.js';
import type { AdminNotices } from './admin-notices.js';
import type { Sql } from './connect.js';
import type { RenewablePool } from './renewable-pool.js';

/** Bans in `surety.ban`. */
export class PostgresBanStore implements BanStore {
  constructor(
    private readonly pool: Pick<RenewablePool, 'use' | 'read'>,
    private readonly notices: Pick<AdminNotices, 'onNotice'>,
  ) {}

  load(nowMs: number): Promise<readonly Ban[]> {
    return this.pool.read((sql) => readBans(sql, nowMs));
  }

  async add(ban: Ban, by?: AdminCaller): Promise<void> {
    const { reason, expiresAtMs } = ban;
    const details = { ...subjectDetails(ban), reason, expiresAtMs: expiresAtMs ?? null };
    await this.make((sql) => insertion(sql, ban), by && { kind: 'ban.added', by, details });
  }

  remove(subject: BanSubject, by?: AdminCaller): Promise<boolean> {
    const deed = by && { kind: 'ban.removed' as const, by, details: subjectDetails(subject) };
    return this.make((sql) => sql`delete from surety.ban where digest = ${digestOf(subject)}`, deed);
  }

  onChanged(listener: () => void): void {
    this.notices.onNotice((kind) => {
      if (kind === undefined || kind.startsWith('ban.')) listener();
    });
  }

  /** @param deed What the audit trail is to be told; nothing where the broker tells it itself. @returns whether a row changed. */
  private make(
    statementOf: (sql: Sql) => postgres.PendingQuery<postgres.Row[]>,
    deed: Omit<AdminChange, 'statement'> | undefined,
  ): Promise<boolean> {
    return this.pool.use(async (sql) => {
      const statement = statementOf(sql);
      if (deed === undefined) return (await statement).count > 0;
      return (await adminChange(sql, { statement, ...deed })) !== undefined;
    });
  }
}

interface Row {
  readonly address: string | null;
  readonly client_id: string | null;
  readonly user_name: string | null;
  readonly reason: string;
  readonly imposed_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

/** The bans that have not ended by this time, the oldest first. */
async function readBans(sql: Sql, nowMs: number): Promise<Ban[]> {
  const rows = await sql<Row[]>`
    select address, client_id, user_name, reason, imposed_by, created_at, expires_at from surety.ban
    where expires_at is null or expires_at > to_timestamp(${nowMs} / 1000.0) order by created_at, digest`;
  return rows.flatMap((row) => {
    const address = row.address === null ? undefined : parseAddressRange(row.address);
    // Without the range it would keep out everybody.
    if (row.address !== null && address === undefined) return [];
    return {
      address,
      clientId: row.client_id ?? undefined,
      userName: row.user_name ?? undefined,
      reason: row.reason,
      by: row.imposed_by,
      createdAtMs: row.created_at.getTime(),
      expiresAtMs: row.expires_at?.getTime(),
    };
  });
}

/** In place of a ban of the same subject. */
function insertion(sql: Sql, ban: Ban): postgres.PendingQuery<postgres.Row[]> {
  const { address, clientId, userName, reason, by, createdAtMs, expiresAtMs } = ban;
  return sql`
    insert into surety.ban (digest, address, client_id, user_name, reason, imposed_by, created_at, expires_at)
    values (${digestOf(ban)}, ${address?.text ?? null}, ${clientId ?? null}, ${userName ?? null}, ${reason}, ${by},
            to_timestamp(${createdAtMs} / 1000.0), to_timestamp(${expiresAtMs ?? null}::float8 / 1000.0))
    on conflict (digest) do update
      set reason = excluded.reason, imposed_by = excluded.imposed_by,
          created_at = excluded.created_at, expires_at = excluded.expires_at`;
}

function digestOf(subject: BanSubject): Buffer {
  return createHash('sha256').update(banKey(subject)).digest();
}
