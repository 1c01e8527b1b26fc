import type { SignedCheckpoint } from '../../domain/audit/checkpoint.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import type { TrailFault } from '../../domain/audit/trail-fault.js';
import type { RecordPlace, TrailReport } from '../../domain/audit/trail-report.js';
import type { AuditReader } from '../ports/audit-reader.js';
import type { CheckpointLines } from '../ports/checkpoint-lines.js';
import type { SignatureVerifier } from '../ports/checkpoint-signer.js';
import type { Digest } from '../ports/digest.js';
import { ChainVerifier, WINDOW_RECORDS } from './chain-verifier.js';
import { CheckpointCursor, type SetBack } from './checkpoint-cursor.js';

/** What a verification works with. */
export interface VerifyTrailParts {
  readonly reader: AuditReader;
  readonly checkpoints: CheckpointLines;
  readonly keys: SignatureVerifier;
  readonly digest: Digest;
}

/** Told after each page. */
export type VerifyProgress = (records: number, sequence: number) => void;

/**
 * Reads a trail from its first record to its last and finds the first one that isn't as the broker has written it:
 * by the chain of hashes, and by the checkpoints that were signed outside the database.
 */
export class VerifyTrail {
  constructor(private readonly parts: VerifyTrailParts) {}

  /** @throws Error when the trail or the checkpoints can't be read. */
  async verify(progress: VerifyProgress = () => undefined): Promise<TrailReport> {
    const { reader, checkpoints, keys, digest } = this.parts;
    // Before the first page is asked for: what a running broker signs later is not in the snapshot that is read.
    const cursor = new CheckpointCursor(checkpoints, keys);
    const run = new VerifyRun(cursor, new ChainVerifier(digest));
    try {
      for await (const page of reader.pages({})) {
        await run.take(page);
        progress(run.records, run.lastSequence);
        if (run.isDecided) break;
      }
      return await run.finish();
    } finally {
      await cursor.close();
    }
  }
}

/** One verification under way. */
class VerifyRun {
  records = 0;
  private first: StoredRecord | undefined;
  private last: StoredRecord | undefined;
  /** The record that was not accepted, and those after it. */
  private window: StoredRecord[] = [];
  /** A checkpoint that doesn't hold; what comes next tells why. */
  private mismatch: SignedCheckpoint | undefined;
  private checkpoints = 0;
  private checkpointsBefore = 0;
  private provenThrough = 0;
  /** The record that says that those before the first were dropped. */
  private dropRecord: number | undefined;

  constructor(
    private readonly cursor: CheckpointCursor,
    private readonly chain: ChainVerifier,
  ) {}

  get lastSequence(): number {
    return this.chain.last.sequence;
  }

  /** Whether no further record changes the outcome. */
  get isDecided(): boolean {
    return this.window.length >= WINDOW_RECORDS;
  }

  async take(page: readonly StoredRecord[]): Promise<void> {
    const due = await this.cursor.readThrough(page.at(-1)?.sequence ?? 0);
    let next = 0;
    for (const record of page) {
      if (this.isDecided) return;
      if (this.window.length > 0 || this.mismatch !== undefined || !this.chain.accept(record)) {
        this.window.push(record);
        continue;
      }
      this.count(record);
      next = this.compare(record, due, next);
    }
  }

  async finish(): Promise<TrailReport> {
    return {
      fault: await this.findFault(),
      records: this.records,
      first: this.first && placeOf(this.first),
      last: this.last && placeOf(this.last),
      checkpoints: this.checkpoints,
      checkpointsBefore: this.checkpointsBefore,
      tornLines: this.cursor.torn,
      provenThrough: this.provenThrough,
    };
  }

  private async findFault(): Promise<TrailFault | undefined> {
    if (this.mismatch === undefined && this.window.length > 0) return this.chain.explain(this.window);
    const { cursor } = this;
    const beyond = await cursor.readThrough(Number.MAX_SAFE_INTEGER);
    if (cursor.setBack !== undefined) return this.explainSetBack(cursor.setBack);
    // When the rest of the trail is not to be trusted, it can't vouch for its beginning either.
    if (this.mismatch !== undefined) return this.explainMismatch(this.mismatch);
    return cursor.fault ?? this.missingBeginning() ?? this.missingEnd(beyond.at(-1));
  }

  private count(record: StoredRecord): void {
    this.records++;
    this.first ??= record;
    this.last = record;
    if (record.kind === 'audit.dropped' && this.isAboutBeginning(record)) this.dropRecord = record.sequence;
  }

  /** Holds the checkpoints over this record, and over those before the first, against the chain. */
  private compare(record: StoredRecord, due: readonly SignedCheckpoint[], from: number): number {
    let next = from;
    for (let checkpoint = due[next]; checkpoint !== undefined; checkpoint = due[++next]) {
      const { sequence, hash } = checkpoint;
      if (sequence > record.sequence) return next;
      const signed = this.hashAt(sequence, record);
      if (signed === undefined) {
        this.checkpointsBefore++;
        continue;
      }
      if (hexOf(signed) !== hash) {
        this.mismatch = checkpoint;
        return next;
      }
      this.checkpoints++;
      this.provenThrough = sequence;
    }
    return next;
  }

  /** The first record also tells the hash of the one before it. */
  private hashAt(sequence: number, record: StoredRecord): Uint8Array | undefined {
    if (sequence === record.sequence) return record.hash;
    return record === this.first && sequence === record.sequence - 1 ? record.previousHash : undefined;
  }

  private isAboutBeginning({ details }: StoredRecord): boolean {
    const { first } = this;
    if (first === undefined || details === undefined) return false;
    return (
      details['lastSequence'] === first.sequence - 1 && details['lastHash'] === hexOf(first.previousHash)
    );
  }

  private missingBeginning(): TrailFault | undefined {
    const { first } = this;
    if (first === undefined || first.sequence === 1) return undefined;
    if (this.dropRecord !== undefined && this.dropRecord <= this.provenThrough) return undefined;
    const before = first.sequence - 1;
    const range = before === 1 ? 'record 1 was' : `records 1 to ${before} were`;
    const why =
      this.dropRecord === undefined
        ? 'no record says that retention dropped them'
        : `record ${this.dropRecord}, which says that retention dropped them, is vouched for by no checkpoint`;
    return { kind: 'removed', sequence: 1, message: `${range} removed at the beginning: ${why}` };
  }

  /** @param newest The last of the checkpoints that are about no record that is there. */
  private missingEnd(newest: SignedCheckpoint | undefined): TrailFault | undefined {
    if (newest === undefined) return undefined;
    const sequence = this.lastSequence + 1;
    const message =
      `the trail was cut from the end: record ${sequence} and those after it are missing, ` +
      `as a checkpoint over record ${newest.sequence} was signed`;
    return { kind: 'cut', sequence, message };
  }

  /** What a broker makes of a trail that was cut while it didn't run: it goes on from the new end. */
  private explainSetBack({ from, to, where }: SetBack): TrailFault {
    const sequence = Math.min(this.provenThrough + 1, to);
    const since = sequence === to ? '' : `, and perhaps others from ${sequence} on,`;
    const message =
      `the trail was cut from the end, or the database set back, and has gone on since: record ${to}${since} is another ` +
      `than before, as ${where} vouches for it behind a checkpoint over record ${from}`;
    return { kind: 'cut', sequence, message };
  }

  private explainMismatch({ sequence, hash }: SignedCheckpoint): TrailFault {
    const [successor] = this.window;
    if (successor !== undefined && hexOf(successor.previousHash) === hash) {
      const message = `record ${sequence} was changed: its hash was made anew, and is not the one that its checkpoint has signed`;
      return { kind: 'changed', sequence, message };
    }
    const from = this.provenThrough + 1;
    const since =
      this.provenThrough === 0 ? 'the beginning' : `the checkpoint over record ${this.provenThrough}`;
    const message =
      `the trail was rewritten between ${since} and the checkpoint over record ${sequence}: ` +
      `its hashes fit each other, but not what was signed; the first record concerned is ${from} or a later one`;
    return { kind: 'rewritten', sequence: from, message };
  }
}

function placeOf({ sequence, atMs }: StoredRecord): RecordPlace {
  return { sequence, atMs };
}

function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
