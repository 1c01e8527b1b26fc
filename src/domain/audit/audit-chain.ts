import { type AuditDetail, type AuditEvent, type AuditRecord, JsonText } from './audit-event.js';
import { canonicalForm, detailText } from './canonical-form.js';

/** SHA-256 over parts that follow each other; text counts as its UTF-8. */
export type Sha256 = (...parts: readonly (Uint8Array | string)[]) => Uint8Array;

/** What stands in the place of the hash before the first record. */
export const GENESIS_HASH: Uint8Array = new Uint8Array(32);

/** A place in the trail: the number of a record, and its hash. Number 0 is before the first record. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/** A record with its links. */
export interface ChainedRecord {
  readonly record: AuditRecord;
  /** Its details in JSON. */
  readonly details: string | undefined;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** The hash of a record: over the hash of the one before it, and its own canonical form. */
export function linkHash(previousHash: Uint8Array, record: AuditRecord, sha256: Sha256): Uint8Array {
  return sha256(previousHash, canonicalForm(record));
}

/** The growing end of the trail. Whatever is appended has to be written: nothing else may follow the record before. */
export class AuditChain {
  constructor(
    private last: AuditHead,
    private readonly node: string,
    private readonly sha256: Sha256,
  ) {}

  get head(): AuditHead {
    return this.last;
  }

  /** @param atMs When it counts as having happened. */
  append(event: AuditEvent, atMs = event.atMs): ChainedRecord {
    const { sequence, hash: previousHash } = this.last;
    let record = recordOf(event, { sequence: sequence + 1, atMs, node: this.node });
    let details = record.details && detailText(record.details);
    let text = canonicalForm(record, details);
    // What can't be stored stands in it as an escape; most records have none.
    if (text.includes('\\u')) {
      record = storable(record);
      details = record.details && detailText(record.details);
      text = canonicalForm(record, details);
    }
    const hash = this.sha256(previousHash, text);
    this.last = { sequence: record.sequence, hash };
    return { record, details, previousHash, hash };
  }
}

/** A field at a time: events have many shapes, and to spread one of many into another object takes very long. */
function recordOf(
  event: AuditEvent,
  { sequence, atMs, node }: Pick<AuditRecord, 'sequence' | 'atMs' | 'node'>,
): AuditRecord {
  const { kind, clientId, principal, authentication, address, listener, session } = event;
  const { reason, rule, topic, details } = event;
  return {
    sequence,
    atMs,
    node,
    kind,
    clientId,
    principal,
    authentication,
    address,
    listener,
    session,
    reason,
    rule,
    topic,
    details,
  };
}

/** What no database keeps as it is: U+0000 and halves of surrogate pairs, which only an error's text can hold. */
const UNSTORABLE = /[\0\p{Cs}]/gu;

function storable<T extends AuditDetail | AuditEvent | undefined>(value: T): T {
  if (typeof value === 'string') return value.replace(UNSTORABLE, '\ufffd') as T;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonText) return storable(value.toJSON()) as T;
  if (Array.isArray(value)) return value.map(storable) as unknown as T;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) kept[name] = storable(field as AuditDetail);
  }
  return kept as T;
}
