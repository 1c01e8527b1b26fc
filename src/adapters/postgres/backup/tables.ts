import type { Sql } from '../connect.js';

/** A table whose rows belong into a backup. */
export interface BackupTable {
  /** Quoted; with its schema, unless it is the table of the migrations. */
  readonly name: string;
  /** Quoted, with commas; what the server works out by itself is left out. */
  readonly columns: string;
  /** What makes the parts of a partitioned table, statement by statement. */
  readonly partitions: readonly string[];
}

interface TableRow {
  readonly oid: number;
  readonly name: string;
  readonly columns: string;
  readonly needs: readonly number[];
}

interface PartitionRow {
  readonly parent: number;
  readonly statement: string;
}

/** The tables of a broker's database, each behind those that it refers to. */
export async function backupTables(sql: Sql): Promise<BackupTable[]> {
  const tables = await sql<TableRow[]>`
    select c.oid::int as oid,
           case when c.relname = 'surety_migration' then 'surety_migration'
                else format('surety.%I', c.relname) end as name,
           (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
           array(select f.confrelid::int from pg_constraint f
                 where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as needs
    from pg_class c
    where (c.relnamespace = to_regnamespace('surety') or c.oid = to_regclass('surety_migration'))
      and c.relkind in ('r', 'p') and not c.relispartition
    order by name`;
  const partitions = await readPartitions(sql);
  return inOrder(tables).map(({ oid, name, columns }) => ({
    name,
    columns,
    partitions: partitions.filter(({ parent }) => parent === oid).map(({ statement }) => statement),
  }));
}

/** What sets the counters that number rows to where they are. */
export async function sequenceStatements(sql: Sql): Promise<string[]> {
  const rows = await sql<{ statement: string }[]>`
    select format('select setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value) as statement
    from pg_sequences where schemaname = 'surety' and last_value is not null order by sequencename`;
  return rows.map(({ statement }) => statement);
}

/** A month of the audit trail is made by the function that makes it when the broker runs, triggers and all. */
async function readPartitions(sql: Sql): Promise<readonly PartitionRow[]> {
  return sql<PartitionRow[]>`
    select i.inhparent::int as parent,
           case when i.inhparent = to_regclass('surety.audit_event')
                then format('select surety.make_audit_partition(%L)', to_date(right(c.relname, 7), 'YYYY_MM'))
                else format('create table if not exists surety.%I partition of surety.%I %s', c.relname,
                            p.relname, pg_get_expr(c.relpartbound, c.oid))
           end as statement
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where c.relnamespace = to_regnamespace('surety') and c.relispartition and c.relkind in ('r', 'p')
    order by c.relname`;
}

function inOrder(tables: readonly TableRow[]): TableRow[] {
  const placed = new Set<TableRow>();
  const place = (table: TableRow, path: readonly TableRow[]): void => {
    if (placed.has(table) || path.includes(table)) return;
    for (const other of tables) if (table.needs.includes(other.oid)) place(other, [...path, table]);
    placed.add(table);
  };
  for (const table of tables) place(table, []);
  return [...placed];
}
