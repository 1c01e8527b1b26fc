import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Sql } from '../../src/adapters/postgres/connect.js';
import type { StoredRecord } from '../../src/domain/audit/stored-record.js';

/** Writes records into the trail's table as they are, in the months that they belong to. */
export async function fillTrail(sql: Sql, records: Iterable<StoredRecord>): Promise<void> {
  const months = new Set<string>();
  const lines = (function* () {
    for (const record of records) {
      months.add(monthOf(record));
      yield copyLine(record);
    }
  })();
  const rows = [...lines];
  for (const month of months) await sql`select surety.make_audit_partition(${month}::date)`;
  const copy = await sql`
    copy surety.audit_event (sequence, at, node, version, kind, client_id, principal, authentication, address, listener,
                             session_key, reason, rule, topic, details, previous_hash, hash)
    from stdin`.writable();
  await pipeline(Readable.from(rows), copy);
}

function monthOf({ atMs }: StoredRecord): string {
  return `${new Date(atMs).toISOString().slice(0, 7)}-01`;
}

function copyLine(record: StoredRecord): string {
  const { sequence, atMs, node, version, kind, clientId, principal, authentication, address, listener } =
    record;
  const { session, reason, rule, topic, details, previousHash, hash } = record;
  const values = [
    ...[sequence, new Date(atMs).toISOString(), node, version, kind, clientId, principal, authentication],
    ...[address, listener, session, reason, rule, topic, details && JSON.stringify(details)],
    ...[previousHash, hash].map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  ];
  return `${values.map(copyText).join('\t')}\n`;
}

function copyText(value: string | number | undefined): string {
  if (value === undefined) return '\\N';
  return String(value).replace(
    /[\\\n\r\t]/g,
    (c) => `\\${{ '\n': 'n', '\r': 'r', '\t': 't', '\\': '\\' }[c]}`,
  );
}
