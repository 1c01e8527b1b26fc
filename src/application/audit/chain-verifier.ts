import { type AuditHead, GENESIS_HASH, linkHash, type Sha256 } from '../../domain/audit/audit-chain.js';
import { AUDIT_VERSION } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import type { TrailFault, TrailFaultKind } from '../../domain/audit/trail-fault.js';
import type { Digest } from '../ports/digest.js';

/** Records after a fault that are looked at to tell what was done. */
export const WINDOW_RECORDS = 1000;
/** Records that may be missing where later ones were numbered anew. */
const RENUMBERED_MAX = 10_000;

/** The end of the chain that has been verified. */
interface ChainEnd extends AuditHead {
  /** The hash before it; undefined at the start. */
  readonly previousHash: Uint8Array | undefined;
}

/**
 * Follows the chain record by record. `accept` says whether a record is the one that must come next; when it isn't,
 * `explain` tells from the records around it what was done to the trail.
 */
export class ChainVerifier {
  private end: ChainEnd | undefined;
  private readonly sha256: Sha256;

  constructor(digest: Digest) {
    this.sha256 = (...parts) => digest.sha256(...parts);
  }

  /** The number and hash of the last record that was accepted, or of the one before the first. */
  get last(): AuditHead {
    return this.end ?? FIRST;
  }

  /** Takes the next record, if it is whole and follows the last one. The first may have any number. */
  accept(record: StoredRecord): boolean {
    const end = (this.end ??= startBefore(record));
    const { sequence, previousHash, hash } = record;
    const isNext = sequence === end.sequence + 1 && sameBytes(previousHash, end.hash);
    if (!isNext || !this.isWhole(record)) return false;
    this.end = { sequence, hash, previousHash };
    return true;
  }

  /** What was done to the trail. @param window The record that wasn't accepted, and those after it. */
  explain(window: readonly StoredRecord[]): TrailFault {
    const [record] = window;
    if (record === undefined) throw new RangeError('there is no record to explain');
    const end = this.end ?? FIRST;
    const heir = window.findIndex((other) => sameBytes(other.previousHash, end.hash));
    if (heir === 0) return this.explainContent(record, end, window);
    if (heir > 0) return this.explainMisplaced(record, end, window);
    return this.explainBreak(record, end, window);
  }

  /** It stands where the chain says, but says something else than when it was written. */
  private explainContent(record: StoredRecord, end: ChainEnd, window: readonly StoredRecord[]): TrailFault {
    const sequence = end.sequence + 1;
    const isDouble = window.some(
      (other) => other !== record && other.sequence === sequence && sameBytes(other.previousHash, end.hash),
    );
    if (isDouble) return inserted(record.sequence);
    if (record.version !== AUDIT_VERSION) {
      return fault(
        'changed',
        sequence,
        `its version is ${record.version}, which no record of this trail has`,
      );
    }
    if (record.sequence !== sequence && this.isWhole({ ...record, sequence })) {
      return fault('changed', sequence, `it bears the number ${record.sequence}`);
    }
    const owner = window.find((other) =>
      this.isWhole({ ...other, sequence, previousHash: end.hash, hash: record.hash }),
    );
    if (owner === undefined) return fault('changed', sequence, 'its content does not have its hash');
    return fault('reordered', sequence, `what it said stands in record ${owner.sequence}`);
  }

  /** The record that must come here comes later. */
  private explainMisplaced(record: StoredRecord, end: ChainEnd, window: readonly StoredRecord[]): TrailFault {
    const isForeign = isRival(record, end) || isCopy(record, window) || !isLinked(record, end, window);
    if (isForeign) return inserted(record.sequence);
    return reordered(Math.min(record.sequence, end.sequence + 1));
  }

  /** The record that must come here does not come. */
  private explainBreak(record: StoredRecord, end: ChainEnd, window: readonly StoredRecord[]): TrailFault {
    const sequence = end.sequence + 1;
    if (isRival(record, end)) {
      const isNewcomer = window.length === 1 && this.isWhole(record);
      return inserted(isNewcomer ? record.sequence : end.sequence);
    }
    if (this.isWhole({ ...record, previousHash: end.hash })) {
      return fault('changed', sequence, 'its previous hash is not that of the record before it');
    }
    if (record.sequence > sequence) return removed(sequence, record.sequence - 1);
    if (record.sequence < sequence) {
      return isLinked(record, end, window) ? reordered(record.sequence) : inserted(record.sequence);
    }
    if (!this.isWhole(record)) return this.explainRenumbered(record);
    if (end.sequence === 0) return fault('changed', sequence, 'nothing may come before the first record');
    return fault(
      'changed',
      end.sequence,
      'its hash was made anew, and the record after it still has the old one (or records before it were changed likewise)',
    );
  }

  private explainRenumbered(record: StoredRecord): TrailFault {
    for (let missing = 1; missing <= RENUMBERED_MAX; missing++) {
      if (!this.isWhole({ ...record, sequence: record.sequence + missing })) continue;
      const { sequence } = record;
      return fault('removed', sequence, `${missing} missing, and those after it were numbered anew`);
    }
    return fault('changed', record.sequence, 'neither its content nor its place in the chain has its hash');
  }

  private isWhole(record: StoredRecord): boolean {
    return (
      record.version === AUDIT_VERSION &&
      sameBytes(linkHash(record.previousHash, record, this.sha256), record.hash)
    );
  }
}

const FIRST: ChainEnd = { sequence: 0, hash: GENESIS_HASH, previousHash: undefined };

/** Whether what came before the first record may be missing is for the caller to say. */
function startBefore({ sequence, previousHash }: StoredRecord): ChainEnd {
  return sequence <= 1 ? FIRST : { sequence: sequence - 1, hash: previousHash, previousHash: undefined };
}

/** Whether the chain needs it: another record follows it, or it follows one that comes later. */
function isLinked(record: StoredRecord, end: ChainEnd, window: readonly StoredRecord[]): boolean {
  if (end.previousHash !== undefined && sameBytes(record.hash, end.previousHash)) return true;
  return window.some(
    (other) =>
      other !== record &&
      (sameBytes(other.hash, record.previousHash) || sameBytes(other.previousHash, record.hash)),
  );
}

/** Whether it claims the place of the last record that was accepted. */
function isRival(record: StoredRecord, { previousHash }: ChainEnd): boolean {
  return previousHash !== undefined && sameBytes(record.previousHash, previousHash);
}

function isCopy(record: StoredRecord, window: readonly StoredRecord[]): boolean {
  return window.some((other) => other !== record && sameBytes(other.hash, record.hash));
}

function inserted(sequence: number): TrailFault {
  return fault('inserted', sequence, 'the chain goes on without it');
}

function reordered(sequence: number): TrailFault {
  return fault('reordered', sequence, 'the record that belongs there comes later');
}

function removed(first: number, last: number): TrailFault {
  const range = first === last ? 'it is missing' : `records ${first} to ${last} are missing`;
  return fault('removed', first, range);
}

function fault(kind: TrailFaultKind, sequence: number, why: string): TrailFault {
  return { kind, sequence, message: `record ${sequence} was ${kind}: ${why}` };
}

/** Whether two hashes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
