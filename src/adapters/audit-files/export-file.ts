import { createReadStream } from 'node:fs';
import type { AuditExtent, AuditReader } from '../../application/ports/audit-reader.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { parseRecordLine, readRecordLine } from './record-lines.js';

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

  /** All records, in the order of the file. @throws Error that names the line, where it holds no record. */
  async *pages(): AsyncGenerator<readonly StoredRecord[]> {
    const stream = createReadStream(this.path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
    let number = 0;
    let rest = '';
    try {
      for await (const chunk of stream as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (lines.length > 0) yield lines.map((line) => this.recordIn(line, ++number));
      }
      if (rest !== '') yield [this.recordIn(rest, ++number)];
    } finally {
      stream.destroy();
    }
  }

  private recordIn(line: string, number: number): StoredRecord {
    const record = this.isToBeVerified ? parseRecordLine(line) : readRecordLine(line);
    if (record === undefined) throw new Error(`line ${number} of ${this.path} is not a record in JSON`);
    if (record !== 'no-hashes') return record;
    throw new Error(
      `${this.path} holds no hashes, as it was exported with a filter: it can't be verified. Export without one`,
    );
  }
}
