import type { AuditDetails } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { parseObject } from '../../domain/audit/parse-object.js';

/** How records are written. */
export type RecordFormat = 'jsonl' | 'csv';

/** Writes records as text. */
export interface RecordWriter {
  /** What stands before the first record. */
  readonly head: string;
  line(record: StoredRecord): string;
}

const COLUMNS = [
  'sequence',
  'at',
  'node',
  'version',
  'kind',
  'clientId',
  'principal',
  'authentication',
  'address',
  'listener',
  'session',
  'reason',
  'rule',
  'topic',
  'details',
] as const;
const HASHES = ['previousHash', 'hash'] as const;
/** Of a record that was written without. */
export const NO_HASH = new Uint8Array(0);
type Field = (typeof COLUMNS)[number] | (typeof HASHES)[number];

/** @param hasHashes Whether they are written: only a trail without gaps can be verified by them. */
export function recordWriter(format: RecordFormat, hasHashes: boolean): RecordWriter {
  const fields: readonly Field[] = hasHashes ? [...COLUMNS, ...HASHES] : COLUMNS;
  if (format === 'jsonl') return { head: '', line: (record) => jsonLine(record, fields) };
  return { head: `${fields.join(',')}\r\n`, line: (record) => csvLine(record, fields) };
}

/** What is absent is left out. */
function jsonLine(record: StoredRecord, fields: readonly Field[]): string {
  return `${JSON.stringify(Object.fromEntries(fields.map((field) => [field, valueOf(record, field)])))}\n`;
}

/** As RFC 4180 has it. */
function csvLine(record: StoredRecord, fields: readonly Field[]): string {
  const cells = fields.map((field) => csvCell(valueOf(record, field)));
  return `${cells.join(',')}\r\n`;
}

function valueOf(record: StoredRecord, field: Field): string | number | AuditDetails | undefined {
  if (field === 'at') return timeText(record.atMs);
  if (field === 'previousHash' || field === 'hash') return Buffer.from(record[field]).toString('hex');
  return record[field];
}

/** A spreadsheet takes a cell for a formula that begins like one; an apostrophe before it shows that it is text. */
function csvCell(value: string | number | AuditDetails | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A time that no broker has written, with a part below a millisecond, must not look like one that it has. */
function timeText(atMs: number): string {
  return Number.isSafeInteger(atMs) ? new Date(atMs).toISOString() : String(atMs);
}

/**
 * Reads a line of JSON that `recordWriter` has written with hashes.
 * @returns `no-hashes` for a line that was written without them; undefined when it is no record.
 */
export function parseRecordLine(line: string): StoredRecord | 'no-hashes' | undefined {
  const value = parsedRecord(line);
  if (value === undefined) return undefined;
  if (value['hash'] === undefined) return 'no-hashes';
  const [previousHash, hash] = [hashOf(value['previousHash']), hashOf(value['hash'])];
  if (previousHash === undefined || hash === undefined) return undefined;
  // Whatever else stands there goes into the hash: if it is of another type than the broker writes, it shows.
  const place = { atMs: timeOf(value['at']), previousHash, hash };
  const record = Object.assign(value as unknown as StoredRecord, place);
  // A field that is unknown, or there twice, is in no hash: with it the line is another than was written, and so has no
  // time that its hash could fit.
  const isAsWritten = jsonLine(record, [...COLUMNS, ...HASHES]) === `${line}\n`;
  return isAsWritten ? record : { ...record, atMs: NaN };
}

/**
 * Reads a line of JSON that `recordWriter` has written, with hashes or without, to be looked at and not verified.
 * @returns undefined when it is no record.
 */
export function readRecordLine(line: string): StoredRecord | undefined {
  const value = parsedRecord(line);
  if (value === undefined) return undefined;
  const [previousHash, hash] = [hashOf(value['previousHash']) ?? NO_HASH, hashOf(value['hash']) ?? NO_HASH];
  return Object.assign(value as unknown as StoredRecord, { atMs: timeOf(value['at']), previousHash, hash });
}

function parsedRecord(line: string): Record<string, unknown> | undefined {
  const value = parseObject(line);
  return typeof value?.['sequence'] === 'number' ? value : undefined;
}

function hashOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? Buffer.from(value, 'hex') : undefined;
}

/** Only the way of writing that `timeText` has: two texts for one time would let a change go unseen. */
function timeOf(value: unknown): number {
  const atMs = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(atMs) || new Date(atMs).toISOString() !== value ? NaN : atMs;
}
