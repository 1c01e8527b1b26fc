import type {
  AuditPartition,
  AuditPartitionContent,
  AuditPartitions,
} from '../../application/ports/audit-partitions.js';
import type { RenewablePool } from './renewable-pool.js';
import type { Sql } from './connect.js';

/** To drop a month takes a lock on the whole trail, for which commits wait as long as this does. */
const LOCK_TIMEOUT = '500ms';
const NAME = /^audit_event_(\d{4})_(\d{2})$/;

/** The monthly partitions of the trail's table. */
export class PostgresAuditPartitions implements AuditPartitions {
  constructor(private readonly pool: RenewablePool) {}

  oldestEndedBy(timeMs: number): Promise<AuditPartition | undefined> {
    return this.with(async (sql) => {
      const rows = await sql<{ name: string }[]>`
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'surety.audit_event'::regclass order by c.relname`;
      const oldest = rows.find(({ name }) => endOf(name) <= timeMs);
      return oldest && { name: oldest.name, content: await contentOf(sql, oldest.name) };
    });
  }

  drop(name: string): Promise<void> {
    return this.with(async (sql) => {
      await sql.begin(async (transaction) => {
        await transaction`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`;
        await transaction`drop table ${transaction(`surety.${name}`)}`;
      });
    });
  }

  private async with<T>(use: (sql: Sql) => Promise<T>): Promise<T> {
    const sql = this.pool.current;
    try {
      return await use(sql);
    } catch (error) {
      this.pool.giveUp(sql);
      throw error;
    }
  }
}

/** When its month has ended; never for a table that isn't one of ours. */
function endOf(name: string): number {
  const [, year, month] = NAME.exec(name) ?? [];
  return year === undefined ? Infinity : Date.UTC(Number(year), Number(month));
}

interface ContentRow {
  readonly records: string;
  readonly first: string | null;
  readonly last: string | null;
  readonly last_hash: Uint8Array | null;
  readonly others_from: string | null;
}

async function contentOf(sql: Sql, name: string): Promise<AuditPartitionContent | undefined> {
  const table = sql(`surety.${name}`);
  const [row] = await sql<ContentRow[]>`
    select count(*) as records, min(sequence) as first, max(sequence) as last,
           (select hash from ${table} order by sequence desc limit 1) as last_hash,
           (select sequence from surety.audit_event where tableoid <> ${`surety.${name}`}::regclass
            order by sequence limit 1) as others_from
    from ${table}`;
  if (row === undefined || row.first === null || row.last === null || row.last_hash === null)
    return undefined;
  const lastSequence = Number(row.last);
  return {
    firstSequence: Number(row.first),
    lastSequence,
    lastHash: row.last_hash,
    records: Number(row.records),
    isBeginning: row.others_from === null || Number(row.others_from) > lastSequence,
  };
}
