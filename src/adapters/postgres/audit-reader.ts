import type { AuditExtent, AuditFilter, AuditReader } from '../../application/ports/audit-reader.js';
import { type AuditDetails, type AuditKind, MESSAGE_KINDS } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import type { Sql } from './connect.js';

/** A page of records that tell of one event each, and of records that tell of thousands of messages each. */
const PAGE_RECORDS_MAX = 2000;
const PAGE_RECORDS_MIN = 50;
/** Text in a page past which the next one is small. */
const PAGE_TEXT_MAX = 262_144;
/** What the index on client ids holds of each. */
const INDEXED_CLIENT_ID_LENGTH = 200;

interface AuditRow {
  readonly sequence: string;
  /** With what is below a millisecond, which the broker never writes: who adds some has changed the record. */
  readonly at_ms: string;
  readonly node: string;
  readonly version: number;
  readonly kind: string;
  readonly client_id: string | null;
  readonly principal: string | null;
  readonly authentication: string | null;
  readonly address: string | null;
  readonly listener: string | null;
  readonly session_key: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly topic: string | null;
  readonly details: AuditDetails | null;
  readonly previous_hash: Uint8Array;
  readonly hash: Uint8Array;
}

/** Reads the trail from PostgreSQL, through a cursor and without a lock that writers would meet. */
export class PostgresAuditReader implements AuditReader {
  constructor(private readonly sql: Sql) {}

  async extent(): Promise<AuditExtent | undefined> {
    const [row] = await this.sql<{ first: string | null; last: string | null }[]>`
      select (select sequence from surety.audit_event order by sequence limit 1) as first,
             (select sequence from surety.audit_event order by sequence desc limit 1) as last`;
    if (row === undefined || row.first === null || row.last === null) return undefined;
    return { firstSequence: Number(row.first), lastSequence: Number(row.last) };
  }

  async *pages(filter: AuditFilter): AsyncGenerator<readonly StoredRecord[]> {
    const reserved = await this.sql.reserve();
    let next: PromiseLike<AuditRow[]> | undefined;
    try {
      await reserved`begin read only`;
      // The whole trail stands in its index in this order already; to sort it would take a file as large as the trail.
      if (Object.values(filter).every((value) => value === undefined))
        await reserved`set local enable_sort = off`;
      await reserved`
        declare trail no scroll cursor for
        select sequence, extract(epoch from at) * 1000 as at_ms, node, version, kind, client_id, principal, authentication,
               address, listener, session_key, reason, rule, topic, details, previous_hash, hash
        from surety.audit_event
        where ${conditions(reserved, filter)}
        order by sequence, at`;
      // The server works on the next page while this one is looked at.
      const fetch = (records: number) =>
        reserved<AuditRow[]>`fetch ${reserved.unsafe(String(records))} from trail`.execute();
      next = fetch(PAGE_RECORDS_MIN);
      for (let page = await next; page.length > 0; page = await next) {
        next = fetch(pageRecordsLike(page));
        yield page.map(recordOf);
      }
    } finally {
      await Promise.resolve(next).catch(() => undefined);
      await reserved`rollback`.catch(() => undefined);
      reserved.release();
    }
  }
}

function conditions(sql: Sql, filter: AuditFilter) {
  const { fromMs, toMs, afterSequence, clientId, principal, kinds, topicPrefix } = filter;
  const parts = [
    fromMs !== undefined && sql`and at >= to_timestamp(${fromMs}::float8 / 1000)`,
    toMs !== undefined && sql`and at < to_timestamp(${toMs}::float8 / 1000)`,
    afterSequence !== undefined && sql`and sequence > ${afterSequence}`,
    clientId !== undefined &&
      sql`and ((left(client_id, ${INDEXED_CLIENT_ID_LENGTH}) = left(${clientId}, ${INDEXED_CLIENT_ID_LENGTH})
                and client_id = ${clientId})
               or ${names(sql, ['publishers', 'receivers'], { clientId })})`,
    principal !== undefined &&
      sql`and (principal = ${principal} or ${names(sql, ['publishers'], { principal })})`,
    kinds !== undefined && sql`and kind = any(${[...kinds]})`,
    topicPrefix !== undefined && sql`and (starts_with(topic, ${topicPrefix}) or kind = 'messages.published')`,
  ];
  return parts.reduce((all, part) => (part === false ? all : sql`${all} ${part}`), sql`true`);
}

/** How many records to fetch next, so that pages stay small whatever a record holds. */
function pageRecordsLike(page: readonly AuditRow[]): number {
  let text = 0;
  for (const { details } of page) {
    const digests = details?.['sha256'] ?? details?.['sequence'];
    if (typeof digests === 'string') text += digests.length;
  }
  return text > PAGE_TEXT_MAX ? PAGE_RECORDS_MIN : PAGE_RECORDS_MAX;
}

/** Whether a record that tells of many messages has somebody in one of its lists. */
function names(sql: Sql, lists: readonly string[], who: Readonly<Record<string, string>>) {
  const found = lists.map((list) => sql`details -> ${list} @> ${JSON.stringify([who])}::text::jsonb`);
  const any = found.reduce((all, one) => sql`${all} or ${one}`, sql`false`);
  return sql`(kind = any(${[...MESSAGE_KINDS]}) and (${any}))`;
}

function recordOf(row: AuditRow): StoredRecord {
  return {
    sequence: Number(row.sequence),
    atMs: Number(row.at_ms),
    node: row.node,
    version: row.version,
    // Whatever stands in the table: a kind that we don't know is for the reader of the record to judge.
    kind: row.kind as AuditKind,
    clientId: row.client_id ?? undefined,
    principal: row.principal ?? undefined,
    authentication: row.authentication ?? undefined,
    address: row.address ?? undefined,
    listener: row.listener ?? undefined,
    session: row.session_key === null ? undefined : Number(row.session_key),
    reason: row.reason ?? undefined,
    rule: row.rule ?? undefined,
    topic: row.topic ?? undefined,
    details: row.details ?? undefined,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
