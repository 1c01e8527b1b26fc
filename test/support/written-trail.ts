import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import type { Sql } from '../../src/adapters/postgres/connect.js';
import { GENESIS_HASH, linkHash } from '../../src/domain/audit/audit-chain.js';
import type { AuditDetails, AuditKind, AuditRecord } from '../../src/domain/audit/audit-event.js';

/** A record as it stands in the database, with the transaction that wrote it. */
export interface WrittenRecord extends AuditRecord {
  readonly transaction: string;
}

interface Row {
  readonly sequence: string;
  readonly at_ms: string;
  readonly node: string;
  readonly kind: AuditKind;
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
  readonly transaction: string;
}

/** All records in order. @throws Error that names the first that isn't linked to the one before. */
export async function readTrail(sql: Sql): Promise<WrittenRecord[]> {
  const rows = await sql<Row[]>`
    select *, (extract(epoch from at) * 1000)::bigint as at_ms, xmin::text as transaction
    from surety.audit_event order by sequence`;
  const digest = new NodeDigest();
  let previous = GENESIS_HASH;
  return rows.map((row, index) => {
    const record = recordOf(row);
    const hash = linkHash(previous, record, (...parts) => digest.sha256(...parts));
    const isLinked = equal(row.previous_hash, previous) && equal(row.hash, hash);
    if (record.sequence !== index + 1 || !isLinked)
      throw new Error(`record ${index + 1} is not linked: ${JSON.stringify(row)}`);
    previous = hash;
    return { ...record, transaction: row.transaction };
  });
}

function recordOf(row: Row): AuditRecord {
  return {
    sequence: Number(row.sequence),
    atMs: Number(row.at_ms),
    node: row.node,
    kind: row.kind,
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
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
