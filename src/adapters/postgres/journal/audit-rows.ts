import type { PendingQuery, Row } from 'postgres';

import type { ChainedRecord } from '../../../domain/audit/audit-chain.js';
import { AUDIT_VERSION } from '../../../domain/audit/audit-event.js';
import type { Sql } from '../connect.js';
import { CopyRows } from './copy-rows.js';

const COLUMNS = 17;
/** The binary form of jsonb: a version, then the text. */
const JSONB_VERSION = '\x01';

/** The rows of records, for `copyRecords`. */
export function auditRows(records: readonly ChainedRecord[]): CopyRows {
  const rows = new CopyRows();
  for (const { record, details, previousHash, hash } of records) {
    rows.row(COLUMNS);
    rows.int8(record.sequence);
    rows.timestamp(record.atMs);
    rows.text(record.node);
    rows.int2(AUDIT_VERSION);
    rows.text(record.kind);
    text(rows, record.clientId);
    text(rows, record.principal);
    text(rows, record.authentication);
    text(rows, record.address);
    text(rows, record.listener);
    if (record.session === undefined) rows.null();
    else rows.int8(record.session);
    text(rows, record.reason);
    text(rows, record.rule);
    text(rows, record.topic);
    text(rows, details && JSONB_VERSION + details);
    rows.bytes(previousHash, 0, previousHash.length);
    rows.bytes(hash, 0, hash.length);
  }
  return rows;
}

/** The statement that takes the rows. */
export function copyRecords(sql: Sql): PendingQuery<Row[]> {
  return sql`
    copy surety.audit_event
      (sequence, at, node, version, kind, client_id, principal, authentication, address, listener, session_key,
       reason, rule, topic, details, previous_hash, hash)
    from stdin (format binary)`;
}

function text(rows: CopyRows, value: string | undefined): void {
  if (value === undefined) rows.null();
  else rows.text(value);
}
