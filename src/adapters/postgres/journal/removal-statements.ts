import type { Trimmed } from '../../../domain/session/delivery-store.js';
import type { Sql } from '../connect.js';
import type { Changes } from './batch.js';
import { sequenceRanges } from './sequence-ranges.js';

/** Removals come last: they may concern rows of this very changes. */
export async function removeDeliveries(sql: Sql, changes: Changes): Promise<ReadonlyMap<number, Trimmed>> {
  const orphans: number[] = [];
  const trimmed = new Map<number, Trimmed>();
  if (changes.settled.size > 0) orphans.push(...(await deleteSettled(sql, changes)));
  if (changes.trims.length > 0) orphans.push(...(await trimBacklogs(sql, changes, trimmed)));
  if (changes.endedSessions.length > 0) orphans.push(...(await deleteSessions(sql, changes)));
  if (orphans.length > 0) {
    await sql`
      delete from surety.message m
      where m.id = any(${[...new Set(orphans)]}::bigint[])
        and not exists (select from surety.delivery d where d.message_id = m.id)`;
  }
  return trimmed;
}

/** @returns the shared messages that may be owed to nobody now. */
async function deleteSettled(sql: Sql, changes: Changes): Promise<number[]> {
  const { keys, from, through } = sequenceRanges(changes.settled);
  const rows = await sql<{ id: string }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${keys}::bigint[], ${from}::bigint[], ${through}::bigint[]) as s (key, first, last)
      where d.session_key = s.key and d.sequence between s.first and s.last
      returning d.message_id)
    select distinct message_id as id from gone where message_id is not null`;
  return rows.map(({ id }) => Number(id));
}

/** @param trimmed Is told what each trim removed, by its place. */
async function trimBacklogs(sql: Sql, { trims }: Changes, trimmed: Map<number, Trimmed>): Promise<number[]> {
  const rows = await sql<{ trim: number; messages: string; bytes: string; ids: string[] | null }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${trims.map((_, i) => i)}::int[], ${trims.map(({ session }) => session.key)}::bigint[],
                   ${trims.map(({ after }) => after)}::bigint[], ${trims.map(({ through }) => through)}::bigint[])
        as t (trim, key, after, through)
      where d.session_key = t.key and d.sequence > t.after and d.sequence <= t.through
      returning t.trim, d.bytes, d.message_id)
    select trim, count(*) as messages, sum(bytes) as bytes,
           array_agg(distinct message_id) filter (where message_id is not null) as ids
    from gone group by trim`;
  for (const { trim, messages, bytes } of rows) {
    trimmed.set(trim, { messages: Number(messages), bytes: Number(bytes) });
  }
  return rows.flatMap(({ ids }) => (ids ?? []).map(Number));
}

async function deleteSessions(sql: Sql, { endedSessions }: Changes): Promise<number[]> {
  const keys = endedSessions.map(({ key }) => key);
  const [rows] = await Promise.all([
    sql<{ id: string }[]>`
      with gone as (delete from surety.delivery where session_key = any(${keys}::bigint[]) returning message_id)
      select distinct message_id as id from gone where message_id is not null`,
    sql`delete from surety.received_ids where session_key = any(${keys}::bigint[])`,
    sql`delete from surety.subscription where session_key = any(${keys}::bigint[])`,
    sql`delete from surety.session where key = any(${keys}::bigint[])`,
  ]);
  return rows.map(({ id }) => Number(id));
}
