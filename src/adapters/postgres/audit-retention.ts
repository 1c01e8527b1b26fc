import type {
  EndedMonths,
  TrailMonthContent,
  TrailMonths,
} from '../../application/ports/audit-partitions.js';
import type { RenewablePool } from './renewable-pool.js';
import type { Sql } from './connect.js';

/** To drop a month takes a lock on the whole trail, for which commits wait as long as this does. */
const LOCK_TIMEOUT = '500ms';
const NAME = /^audit_event_(\d{4})_(\d{2})$/;

/** The monthly partitions of the trail's table. */
export class PostgresAuditPartitions implements TrailMonths {
  constructor(private readonly pool: RenewablePool) {}

  /** The months that have ended by this time, and the number of the first record that stands in none of them. */
  endedBy(timeMs: number): Promise<EndedMonths> {
    return this.pool.use(async (sql) => {
      const rows = await sql<{ name: string }[]>`
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'surety.audit_event'::regclass order by c.relname`;
      const ended = [];
      let firstKept = Infinity;
      for (const { name } of rows) {
        if (endOf(name) <= timeMs) ended.push({ name, content: await contentOf(sql, name) });
        else firstKept = Math.min(firstKept, await firstSequenceOf(sql, name));
      }
      return { ended, firstKept };
    });
  }

  /** Drops all of these months or none. @throws Error when it can't be done without making others wait. */
  async drop(names: readonly string[]): Promise<void> {
    for (const name of names) if (!NAME.test(name)) throw new RangeError(`${name} is no month of the trail`);
    const tables = names.map((name) => `surety.${name}`).join(', ');
    await this.pool.use(async (sql) => {
      // One message, and so one transaction: the driver's own sends a rollback on a connection that is gone, and throws
      // where nobody can catch it.
      await sql.unsafe(`set local lock_timeout = '${LOCK_TIMEOUT}'; drop table ${tables}`);
    });
  }
}

/** When its month has ended; never for a table that isn't one of ours. */
function endOf(name: string): number {
  const [, year, month] = NAME.exec(name) ?? [];
  return year === undefined ? Infinity : Date.UTC(Number(year), Number(month));
}

/** Infinity where there is none. */
async function firstSequenceOf(sql: Sql, name: string): Promise<number> {
  const [row] = await sql<{ first: string | null }[]>`
    select min(sequence) as first from ${sql(`surety.${name}`)}`;
  return row === undefined || row.first === null ? Infinity : Number(row.first);
}

interface ContentRow {
  readonly records: string;
  readonly first: string | null;
  readonly last: string | null;
  readonly last_hash: Uint8Array | null;
}

async function contentOf(sql: Sql, name: string): Promise<TrailMonthContent | undefined> {
  const table = sql(`surety.${name}`);
  const [row] = await sql<ContentRow[]>`
    select count(*) as records, min(sequence) as first, max(sequence) as last,
           (select hash from ${table} order by sequence desc limit 1) as last_hash
    from ${table}`;
  if (row === undefined || row.first === null || row.last === null || row.last_hash === null)
    return undefined;
  return {
    firstSequence: Number(row.first),
    lastSequence: Number(row.last),
    lastHash: row.last_hash,
    records: Number(row.records),
  };
}
