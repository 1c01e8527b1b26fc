import { AUDIT_VERSION, type AuditDetail, type AuditRecord, JsonText } from './audit-event.js';

/**
 * The text that a record's hash is taken over: a JSON array without white space, in the order below. What is absent is null,
 * the names of details stand in the order of their UTF-16 code units. Two records differ if their texts do.
 * @param details The text of the record's details, where it is known already.
 */
export function canonicalForm(record: AuditRecord, details = detailText(record.details ?? null)): string {
  const head = JSON.stringify([
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
  ]);
  return `${head.slice(0, -1)},${details}]`;
}

/** What `JSON.stringify` only puts in quotes; this is found sooner than it does that. */
// eslint-disable-next-line no-control-regex
const PLAIN = /^[^"\\\0-\x1f\ud800-\udfff]*$/;

/** Details as JSON. Written by hand, as an object of JavaScript puts names that look like numbers first. */
export function detailText(detail: AuditDetail): string {
  if (typeof detail === 'string') return quoted(detail);
  if (typeof detail !== 'object' || detail === null) return JSON.stringify(detail);
  if (detail instanceof JsonText) return detail.text;
  if (isList(detail)) return `[${detail.map(detailText).join(',')}]`;
  let text = '';
  for (const name of Object.keys(detail).sort()) {
    text += `${text === '' ? '' : ','}${quoted(name)}:${detailText(detail[name] ?? null)}`;
  }
  return `{${text}}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** `Array.isArray` doesn't narrow read-only arrays. */
function isList(detail: AuditDetail): detail is readonly AuditDetail[] {
  return Array.isArray(detail);
}
