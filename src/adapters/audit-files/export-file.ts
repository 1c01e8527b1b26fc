import { createReadStream } from 'node:fs';
import type { AuditExtent, AuditReader } from '../../application/ports/audit-reader.js';
import { AUDIT_VERSION } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { NO_HASH, parseRecordLine, readRecordLine } from './record-lines.js';

/** What is read at a time, in bytes. A record takes some hundred. */
const CHUNK_BYTES = 1_048_576;

/** Reads a trail from a file that `surety audit export` has written. */
export class ExportFile implements AuditReader {
  /** @param isToBeVerified False when records may lack their hashes, as those of a filtered export do. */
  constructor(
    private readonly path: string,
    private readonly isToBeVerified = true,
  ) {}

  /** Not known before the file has been read. */
  extent(): Promise<AuditExtent | undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * All records, in the order of the file. In one that is to be verified, a line behind the first that can't be read as a
   * record counts as one that has been changed: whoever spoils a line must not keep others from being judged.
   * @throws Error that names the line, where it holds no record.
   */
  async *pages(): AsyncGenerator<readonly StoredRecord[]> {
    const stream = createReadStream(this.path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
    let last: StoredRecord | undefined;
    let number = 0;
    let rest = '';
    const read = (line: string): StoredRecord => (last = this.recordIn(line, ++number, last));
    try {
      for await (const chunk of stream as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (lines.length > 0) yield lines.map(read);
      }
      if (rest !== '') yield [read(rest)];
    } finally {
      stream.destroy();
    }
  }

  private recordIn(line: string, number: number, before: StoredRecord | undefined): StoredRecord {
    const record = this.isToBeVerified ? parseRecordLine(line) : readRecordLine(line);
    if (record !== undefined && record !== 'no-hashes') return record;
    if (this.isToBeVerified && before !== undefined) return spoiledAfter(before);
    if (record === undefined) throw new Error(`line ${number} of ${this.path} is not a record in JSON`);
    throw new Error(
      `${this.path} holds no hashes, as it was exported with a filter: it can't be verified. Export without one`,
    );
  }
}

/** What stands for a line that says nothing: it has a place in the trail, and nothing that its hash could fit. */
function spoiledAfter({ sequence, node, kind }: StoredRecord): StoredRecord {
  const nothing = { atMs: NaN, previousHash: NO_HASH, hash: NO_HASH };
  return { sequence: sequence + 1, node, kind, version: AUDIT_VERSION, ...nothing };
}
