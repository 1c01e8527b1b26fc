import type { Sql } from './open-database.js';

/** Counts what the broker has stored. */
export async function countRows(sql: Sql): Promise<Record<string, number>> {
  const [row] = await sql<{ deliveries: number; sessions: number; retained: number }[]>`
    select (select count(*) from surety.delivery)::int as deliveries,
           (select count(*) from surety.session)::int as sessions,
           (select count(*) from surety.retained)::int as retained`;
  return { ...row };
}
