import type { Delivery } from '../../../domain/session/delivery.js';
import type { Sql } from '../connect.js';
import type { Batch } from './batch.js';

/** Deliveries up to which one statement beats a COPY with its round trips. */
const ROWS_MAX = 64;
/** Topic and payload bytes up to which it does. */
const BYTES_MAX = 65_536;

interface Row {
  readonly key: number;
  readonly delivery: Delivery;
}

/**
 * The rows of a batch that is written in one statement: few deliveries, each owed to one session alone, and
 * nothing else. That is what most batches are while little comes at a time; then the number of round trips, and
 * what each of them leaves to the garbage collector, makes most of the latency.
 * @returns undefined for any other batch.
 */
export function smallBatchRows({ entries, changes, records }: Batch): readonly Row[] | undefined {
  if (entries.length > ROWS_MAX || !changes.isEmpty || records.length > 0) return undefined;
  const rows: Row[] = [];
  let bytes = 0;
  for (const { entry } of entries) {
    if (entry.retained !== undefined || entry.received !== undefined || entry.willOf !== undefined)
      return undefined;
    if (entry.deliveries.length > 1) return undefined;
    bytes += entry.bytes;
    for (const { session, delivery } of entry.deliveries) {
      if (delivery.storage === 'writing') rows.push({ key: session.key, delivery });
    }
  }
  return bytes <= BYTES_MAX ? rows : undefined;
}

/**
 * Writes the rows and the batch's number, all or nothing.
 * @returns false when the database is no longer at the batch before: another broker has written to it.
 * @throws when the statement fails.
 */
export async function writeSmallBatch(
  sql: Sql,
  { batch: { number, sessionKey }, run }: { readonly batch: Batch; readonly run: string },
  rows: readonly Row[],
): Promise<boolean> {
  const deliveries = rows.map(({ delivery }) => delivery);
  const messages = deliveries.map(({ message }) => message);
  const payloads = messages.map(({ bytes, payloadStart, payloadEnd }) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + payloadStart, payloadEnd - payloadStart).toString('hex'),
  );
  const { count } = await sql`
    with batch as (
      update surety.journal_state set batch = ${number}, run = ${run}, session_key = ${sessionKey}
      where batch = ${number - 1} returning batch),
    written as (
      insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, topic, payload)
      select key, sequence, now(), bytes, qos, retain = 1, false, topic, decode(payload, 'hex')
      from batch,
        unnest(${rows.map(({ key }) => key)}::bigint[], ${deliveries.map(({ sequence }) => sequence)}::bigint[],
               ${messages.map(({ queueBytes }) => queueBytes)}::int[], ${deliveries.map(({ qos }) => qos)}::smallint[],
               ${deliveries.map(({ retain }) => Number(retain))}::int[], ${messages.map(({ topic }) => topic)}::text[],
               ${payloads}::text[]) as n (key, sequence, bytes, qos, retain, topic, payload))
    select from batch`;
  return count === 1;
}
