import { AUDIT_VERSION, type AuditDetail, type AuditRecord } from './audit-event.js';

/**
 * The text that a record's hash is taken over: a JSON array without white space, in the order below. What is absent is null,
 * the names of details stand in the order of their UTF-16 code units. Two records differ if their texts do.
 */
export function canonicalForm(record: AuditRecord): string {
  return JSON.stringify([
    AUDIT_VERSION,
    record.sequence,
    record.atMs,
    record.node,
    record.kind,
    record.clientId ?? null,
    record.principal ?? null,
    record.authentication ?? null,
    record.address ?? null,
    record.listener ?? null,
    record.session ?? null,
    record.reason ?? null,
    record.rule ?? null,
    record.topic ?? null,
    record.details === undefined ? null : sorted(record.details),
  ]);
}

function sorted(detail: AuditDetail): AuditDetail {
  if (typeof detail !== 'object' || detail === null) return detail;
  if (Array.isArray(detail)) return detail.map(sorted);
  const entries = Object.entries(detail as Record<string, AuditDetail>);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, sorted(value)]),
  );
}
