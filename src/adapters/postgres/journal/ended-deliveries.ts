import type { Sql } from '../connect.js';

/** Deliveries that one transaction removes: to remove more would have everybody wait for it. */
const ROWS_MAX = 2000;
/** Sessions that it looks at. */
const SESSIONS_MAX = 256;

/** Ids of shared messages as PostgreSQL writes an array: they can be so many that to take them apart would take long. Null for none. */
export type MessageIds = string | null;

/** What one transaction removes. */
export interface EndedPortion {
  readonly keys: readonly number[];
  /** Whether these sessions are owed nothing more, once that is committed. */
  readonly isLast: boolean;
  /** The shared messages that may be owed to nobody now. */
  readonly orphans: MessageIds;
}

/**
 * The deliveries of sessions that have ended, which can be very many. They are removed behind the session itself, so many
 * with each transaction; its key is never another's, so until then they belong to nobody. What is left of them when the
 * broker ends is found by the next start.
 */
export class EndedDeliveries {
  private readonly keys = new Set<number>();

  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  /** @param keys Of sessions that are removed at the latest by the transaction that removes of these next. */
  add(keys: Iterable<number>): void {
    for (const key of keys) this.keys.add(key);
  }

  /** Removes a portion, as a part of the transaction under way; `removed` follows when that is committed. */
  async remove(sql: Sql): Promise<EndedPortion> {
    const keys = [...this.keys].slice(0, SESSIONS_MAX);
    const [row] = await sql<{ count: string; orphans: MessageIds }[]>`
      with gone as (
        delete from surety.delivery
        where ctid = any (array(
          select d.ctid
          from unnest(${keys}::bigint[]) as k (key)
          cross join lateral (
            select ctid from surety.delivery where session_key = k.key order by sequence limit ${ROWS_MAX}) d
          limit ${ROWS_MAX}))
        returning message_id)
      select count(*), array_agg(distinct message_id) filter (where message_id is not null)::text as orphans
      from gone`;
    return { keys, isLast: Number(row?.count) < ROWS_MAX, orphans: row?.orphans ?? null };
  }

  removed({ keys, isLast }: EndedPortion): void {
    if (isLast) for (const key of keys) this.keys.delete(key);
  }
}
