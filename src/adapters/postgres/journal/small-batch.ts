import type { ChainedRecord } from '../../../domain/audit/audit-chain.js';
import { AUDIT_VERSION } from '../../../domain/audit/audit-event.js';
import type { Delivery } from '../../../domain/session/delivery.js';
import type { Sql } from '../connect.js';
import type { Batch } from './batch.js';

/** Deliveries, and records, up to which one statement beats a COPY with its round trips. */
const ROWS_MAX = 64;
const RECORDS_MAX = 8;
/** Topic and payload bytes of the deliveries up to which it does. */
const BYTES_MAX = 65_536;

interface Row {
  readonly key: number;
  readonly delivery: Delivery;
}

/** A batch that is written in one statement, and what that needs. */
export interface SmallBatch {
  readonly batch: Batch;
  /** Tells this start of the broker from all others: a UUID. */
  readonly run: string;
  readonly rows: readonly Row[];
}

/**
 * The rows of a batch that is written in one statement: few deliveries, each owed to one session alone, few records of
 * the audit trail, and nothing else. That is what most batches are while little comes at a time; then the number of round
 * trips, and what each of them leaves to the garbage collector, makes most of the latency.
 * @returns undefined for any other batch.
 */
export function smallBatchRows({ entries, changes, records }: Batch): readonly Row[] | undefined {
  if (changes.isChange || records.length > RECORDS_MAX) return undefined;
  const rows: Row[] = [];
  let bytes = 0;
  for (const { entry, owed } of entries) {
    if (entry.retained !== undefined || entry.received !== undefined || entry.willOf !== undefined)
      return undefined;
    if (owed.length > 1) return undefined;
    for (const { session, delivery } of owed) {
      rows.push({ key: session.key, delivery });
      bytes += delivery.message.queueBytes;
      if (rows.length > ROWS_MAX || bytes > BYTES_MAX) return undefined;
    }
  }
  return rows;
}

/**
 * Writes the batch and its number, all or nothing.
 * @returns false when the database is no longer at the batch before: another broker has written to it.
 * @throws when the statement fails.
 */
export async function writeSmallBatch(sql: Sql, { batch, run, rows }: SmallBatch): Promise<boolean> {
  const { number, sessionKey, records } = batch;
  const { count } = await sql`
    with batch as (
      update surety.journal_state set batch = ${number}, run = ${run}, session_key = ${sessionKey}
      where batch = ${number - 1} returning batch)
    ${rows.length > 0 ? sql`, written as (${insertDeliveries(sql, rows)})` : sql``}
    ${records.length > 0 ? sql`, told as (${insertRecords(sql, records)})` : sql``}
    select from batch`;
  return count === 1;
}

function insertDeliveries(sql: Sql, rows: readonly Row[]) {
  const deliveries = rows.map(({ delivery }) => delivery);
  const messages = deliveries.map(({ message }) => message);
  const payloads = messages.map(({ bytes, payloadStart, payloadEnd }) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + payloadStart, payloadEnd - payloadStart).toString('hex'),
  );
  return sql`
    insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, topic, payload)
    select key, sequence, now(), bytes, qos, retain = 1, false, topic, decode(payload, 'hex')
    from batch,
      unnest(${rows.map(({ key }) => key)}::bigint[], ${deliveries.map(({ sequence }) => sequence)}::bigint[],
             ${messages.map(({ queueBytes }) => queueBytes)}::int[], ${deliveries.map(({ qos }) => qos)}::smallint[],
             ${deliveries.map(({ retain }) => Number(retain))}::int[], ${messages.map(({ topic }) => topic)}::text[],
             ${payloads}::text[]) as n (key, sequence, bytes, qos, retain, topic, payload)`;
}

function insertRecords(sql: Sql, records: readonly ChainedRecord[]) {
  const rows = records.map((record) => recordRow(sql, record)).reduce((all, row) => sql`${all}, ${row}`);
  return sql`
    insert into surety.audit_event
      (sequence, at, node, version, kind, client_id, principal, authentication, address, listener, session_key,
       reason, rule, topic, details, previous_hash, hash)
    select sequence, to_timestamp(at / 1000.0), node, ${AUDIT_VERSION}, kind, client_id, principal, authentication,
           address, listener, session_key, reason, rule, topic, details, previous, hash
    from batch, (values ${rows})
        as n (sequence, at, node, kind, client_id, principal, authentication, address, listener, session_key, reason,
              rule, topic, details, previous, hash)`;
}

function recordRow(sql: Sql, { record, details, previousHash, hash }: ChainedRecord) {
  const { clientId, principal, authentication, address, listener, session, reason, rule, topic } = record;
  return sql`
    (${record.sequence}::bigint, ${record.atMs}::bigint, ${record.node}::text, ${record.kind}::text,
     ${clientId ?? null}::text, ${principal ?? null}::text, ${authentication ?? null}::text, ${address ?? null}::text,
     ${listener ?? null}::text, ${session ?? null}::bigint, ${reason ?? null}::text, ${rule ?? null}::text,
     ${topic ?? null}::text, ${details ?? null}::text::jsonb, ${previousHash}::bytea, ${hash}::bytea)`;
}
