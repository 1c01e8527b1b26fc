import type { Trimmed } from '../../../domain/session/delivery-store.js';
import type { Sql } from '../connect.js';
import type { Changes } from './batch.js';
import type { EndedDeliveries, EndedPortion, MessageIds } from './ended-deliveries.js';
import { sequenceRanges } from './sequence-ranges.js';

/** What was removed. */
export interface Removed {
  /** What each trim removed, by its place. */
  readonly trimmed: ReadonlyMap<number, Trimmed>;
  readonly ended: EndedPortion | undefined;
}

/** Removals come last: they may concern rows of this very changes. @param ended Sessions that end here are among them. */
export async function removeDeliveries(sql: Sql, changes: Changes, ended: EndedDeliveries): Promise<Removed> {
  const orphans: MessageIds[] = [];
  const trimmed = new Map<number, Trimmed>();
  if (changes.settled.size > 0) orphans.push(await deleteSettled(sql, changes));
  if (changes.trims.length > 0) orphans.push(...(await trimBacklogs(sql, changes, trimmed)));
  if (changes.endedSessions.length > 0) await deleteSessions(sql, changes);
  const portion = ended.isEmpty ? undefined : await ended.remove(sql);
  if (portion !== undefined) orphans.push(portion.orphans);
  await deleteUnowed(sql, orphans);
  return { trimmed, ended: portion };
}

/** @returns the shared messages that may be owed to nobody now. */
async function deleteSettled(sql: Sql, changes: Changes): Promise<MessageIds> {
  const { keys, from, through } = sequenceRanges(changes.settled);
  const [row] = await sql<{ orphans: MessageIds }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${keys}::bigint[], ${from}::bigint[], ${through}::bigint[]) as s (key, first, last)
      where d.session_key = s.key and d.sequence between s.first and s.last
      returning d.message_id)
    select array_agg(distinct message_id) filter (where message_id is not null)::text as orphans from gone`;
  return row?.orphans ?? null;
}

/** @param trimmed Is told what each trim removed, by its place. @returns as `deleteSettled`. */
async function trimBacklogs(
  sql: Sql,
  { trims }: Changes,
  trimmed: Map<number, Trimmed>,
): Promise<MessageIds[]> {
  const rows = await sql<{ trim: number; messages: string; bytes: string; orphans: MessageIds }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${trims.map((_, i) => i)}::int[], ${trims.map(({ session }) => session.key)}::bigint[],
                   ${trims.map(({ after }) => after)}::bigint[], ${trims.map(({ through }) => through)}::bigint[])
        as t (trim, key, after, through)
      where d.session_key = t.key and d.sequence > t.after and d.sequence <= t.through
      returning t.trim, d.bytes, d.message_id)
    select trim, count(*) as messages, sum(bytes) as bytes,
           array_agg(distinct message_id) filter (where message_id is not null)::text as orphans
    from gone group by trim`;
  for (const { trim, messages, bytes } of rows) {
    trimmed.set(trim, { messages: Number(messages), bytes: Number(bytes) });
  }
  return rows.map(({ orphans }) => orphans);
}

/** Removes sessions with all but what they are owed. */
async function deleteSessions(sql: Sql, { endedSessions }: Changes): Promise<void> {
  const keys = endedSessions.map(({ key }) => key);
  await Promise.all([
    sql`delete from surety.received_ids where session_key = any(${keys}::bigint[])`,
    sql`delete from surety.subscription where session_key = any(${keys}::bigint[])`,
    sql`delete from surety.session where key = any(${keys}::bigint[])`,
  ]);
}

/** Deletes those of the messages that are owed to nobody. */
async function deleteUnowed(sql: Sql, orphans: readonly MessageIds[]): Promise<void> {
  const ids = orphans.flatMap((some) => some?.slice(1, -1) ?? []);
  if (ids.length === 0) return;
  await sql`
    delete from surety.message m
    where m.id = any ((select ${`{${ids.join(',')}}`}::text::bigint[])::bigint[])
      and not exists (select from surety.delivery d where d.message_id = m.id)`;
}
