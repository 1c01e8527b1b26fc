import type { ChainedRecord } from '../../../domain/audit/audit-chain.js';
import { AUDIT_VERSION } from '../../../domain/audit/audit-event.js';
import type { Message } from '../../../domain/message.js';
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
  const values: Value[] = [number, run, sessionKey, number - 1];
  if (rows.length > 0) values.push(...deliveryColumns(rows));
  for (const record of records) values.push(...recordValues(record));
  const { count } = await sql.unsafe(statement(rows.length > 0, records.length), values, { prepare: true });
  return count === 1;
}

/** What a parameter of the statement is. */
type Value = number | string | null | Uint8Array | number[] | string[];

/**
 * The texts of the statement, by what it writes: made once, as the driver takes longer to put one together from
 * fragments than to send it.
 */
const statements = new Map<string, string>();

function statement(hasRows: boolean, records: number): string {
  const shape = `${hasRows} ${records}`;
  let text = statements.get(shape);
  if (text === undefined) statements.set(shape, (text = statementText(hasRows, records)));
  return text;
}

function statementText(hasRows: boolean, records: number): string {
  const parts = [
    `batch as (
       update surety.journal_state set batch = $1, run = $2, session_key = $3 where batch = $4 returning batch)`,
  ];
  const places = new Places(4);
  if (hasRows) parts.push(`written as (${insertDeliveries(places)})`);
  if (records > 0) parts.push(`told as (${insertRecords(places, records)})`);
  return `with ${parts.join(', ')} select from batch`;
}

/** Hands out the places of parameters in a statement, one after the other. */
class Places {
  constructor(private taken: number) {}

  /** The next ones, each cast to its type. */
  next(types: readonly string[]): string {
    return types.map((type) => `$${++this.taken}::${type}`).join(', ');
  }
}

/** As `deliveryColumns` has them. */
const DELIVERY_TYPES = ['bigint[]', 'bigint[]', 'int[]', 'smallint[]', 'int[]', 'text[]', 'text[]'];

function insertDeliveries(places: Places): string {
  return `
    insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, topic, payload)
    select key, sequence, now(), bytes, qos, retain = 1, false, topic, decode(payload, 'hex')
    from batch,
      unnest(${places.next(DELIVERY_TYPES)}) as n (key, sequence, bytes, qos, retain, topic, payload)`;
}

function deliveryColumns(rows: readonly Row[]): Value[] {
  const deliveries = rows.map(({ delivery }) => delivery);
  const messages = deliveries.map(({ message }) => message);
  return [
    rows.map(({ key }) => key),
    deliveries.map(({ sequence }) => sequence),
    messages.map(({ queueBytes }) => queueBytes),
    deliveries.map(({ qos }) => qos),
    deliveries.map(({ retain }) => Number(retain)),
    messages.map(({ topic }) => topic),
    messages.map(payloadInHex),
  ];
}

function payloadInHex({ bytes, payloadStart, payloadEnd }: Message): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + payloadStart, payloadEnd - payloadStart).toString(
    'hex',
  );
}

/** As `recordValues` has them. */
const RECORD_TYPES = [
  ...['bigint', 'bigint', 'text', 'text', 'text', 'text', 'text', 'text', 'text', 'bigint'],
  ...['text', 'text', 'text', 'text::jsonb', 'bytea', 'bytea'],
];

function insertRecords(places: Places, records: number): string {
  const rows = Array.from({ length: records }, () => `(${places.next(RECORD_TYPES)})`);
  return `
    insert into surety.audit_event
      (sequence, at, node, version, kind, client_id, principal, authentication, address, listener, session_key,
       reason, rule, topic, details, previous_hash, hash)
    select sequence, to_timestamp(at / 1000.0), node, ${AUDIT_VERSION}, kind, client_id, principal, authentication,
           address, listener, session_key, reason, rule, topic, details, previous, hash
    from batch, (values ${rows.join(', ')})
        as n (sequence, at, node, kind, client_id, principal, authentication, address, listener, session_key, reason,
              rule, topic, details, previous, hash)`;
}

function recordValues({ record, details, previousHash, hash }: ChainedRecord): Value[] {
  const { clientId, principal, authentication, address, listener, session, reason, rule, topic } = record;
  const who = [clientId, principal, authentication, address, listener, session];
  const what = [reason, rule, topic, details];
  return [
    ...[record.sequence, record.atMs, record.node, record.kind],
    ...[...who, ...what].map((value) => value ?? null),
    ...[previousHash, hash],
  ];
}
