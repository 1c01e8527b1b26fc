import type { Sql } from './open-database.js';

/**
 * Writes what many absent clients would have left: their sessions with three subscriptions each, and retained
 * messages of 100 bytes. The tables are there already, made by a broker that has run once.
 * @param numbers How many sessions, how many retained messages.
 */
export async function fillState(
  sql: Sql,
  [sessions = 0, retained = 0]: readonly number[],
): Promise<Record<string, number>> {
  await sql.begin(async (tx) => {
    await tx`
      insert into surety.session (key, client_id, created_at, disconnected_at)
      select i, 'client-' || i, now(), now() from generate_series(1, ${sessions}::bigint) i`;
    await tx`
      insert into surety.subscription (session_key, filter_digest, filter, qos, replaying)
      select i, sha256(convert_to(filter, 'UTF8')), filter, 1, false
      from generate_series(1, ${sessions}::bigint) i,
           unnest(array['site/' || i % 1000 || '/device/' || i || '/command', 'client/' || i || '/#', 'all/+/' || i % 100]) filter`;
    await tx`
      insert into surety.retained (topic_digest, topic, payload, qos, published_at)
      select sha256(convert_to(topic, 'UTF8')), topic, convert_to(lpad(i::text, 100, '0'), 'UTF8'), 1, now()
      from generate_series(1, ${retained}::bigint) i,
           lateral (select 'kept/' || i % 1000 || '/' || i as topic) t`;
  });
  return {};
}
