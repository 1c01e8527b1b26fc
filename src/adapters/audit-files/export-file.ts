import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AuditExtent, AuditReader } from '../../application/ports/audit-reader.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { parseRecordLine } from './record-lines.js';

const PAGE_RECORDS = 2000;

/** Reads a trail from a file that `surety audit export` has written. */
export class ExportFile implements AuditReader {
  constructor(private readonly path: string) {}

  /** Not known before the file has been read. */
  extent(): Promise<AuditExtent | undefined> {
    return Promise.resolve(undefined);
  }

  /** All records, in the order of the file. @throws Error that names the line, where it holds no record. */
  async *pages(): AsyncGenerator<readonly StoredRecord[]> {
    const stream = createReadStream(this.path, 'utf8');
    let page: StoredRecord[] = [];
    let number = 0;
    try {
      for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
        page.push(this.recordIn(line, ++number));
        if (page.length < PAGE_RECORDS) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    } finally {
      stream.destroy();
    }
  }

  private recordIn(line: string, number: number): StoredRecord {
    const record = parseRecordLine(line);
    if (record === undefined) throw new Error(`line ${number} of ${this.path} is not a record in JSON`);
    if (record !== 'no-hashes') return record;
    throw new Error(
      `${this.path} holds no hashes, as it was exported with a filter: it can't be verified. Export without one`,
    );
  }
}
