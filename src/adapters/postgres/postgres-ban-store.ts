import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import type { BanStore } from '../../application/ports/ban-store.js';
import { parseAddressRange } from '../../domain/access/address-range.js';
import { type Ban, banKey, type BanSubject } from '../../domain/access/ban.js';
import type { AdminNotices } from './admin-notices.js';
import type { Sql } from './connect.js';
import type { RenewablePool } from './renewable-pool.js';

/** Bans in `surety.ban`. */
export class PostgresBanStore implements BanStore {
  constructor(
    private readonly pool: RenewablePool,
    private readonly notices: AdminNotices,
  ) {}

  load(nowMs: number): Promise<readonly Ban[]> {
    return this.pool.read((sql) => readBans(sql, nowMs));
  }

  async add(ban: Ban): Promise<void> {
    await this.pool.use((sql) => writeBan(sql, ban));
  }

  async remove(subject: BanSubject): Promise<void> {
    await this.pool.use((sql) => deleteBan(sql, subject));
  }

  onChanged(listener: () => void): void {
    this.notices.onNotice((kind) => {
      if (kind === undefined || kind.startsWith('ban.')) listener();
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
export async function readBans(sql: Sql, nowMs: number): Promise<Ban[]> {
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

/** Stores a ban in place of one of the same subject. */
export async function writeBan(sql: postgres.ISql, ban: Ban): Promise<void> {
  const { address, clientId, userName, reason, by, createdAtMs, expiresAtMs } = ban;
  await sql`
    insert into surety.ban (digest, address, client_id, user_name, reason, imposed_by, created_at, expires_at)
    values (${digestOf(ban)}, ${address?.text ?? null}, ${clientId ?? null}, ${userName ?? null}, ${reason}, ${by},
            to_timestamp(${createdAtMs} / 1000.0), to_timestamp(${expiresAtMs ?? null}::float8 / 1000.0))
    on conflict (digest) do update
      set reason = excluded.reason, imposed_by = excluded.imposed_by,
          created_at = excluded.created_at, expires_at = excluded.expires_at`;
}

/** Removes the ban of a subject. @returns whether there was one. */
export async function deleteBan(sql: postgres.ISql, subject: BanSubject): Promise<boolean> {
  const { count } = await sql`delete from surety.ban where digest = ${digestOf(subject)}`;
  return count > 0;
}

function digestOf(subject: BanSubject): Buffer {
  return createHash('sha256').update(banKey(subject)).digest();
}
