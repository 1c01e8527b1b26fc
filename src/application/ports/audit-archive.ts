import type { StoredRecord } from '../../domain/audit/stored-record.js';
import type { AuditFilter } from './audit-reader.js';

/** What is looked for in the trail; what is absent does not matter. */
export interface TrailQuery extends Omit<AuditFilter, 'topicPrefix'> {
  /** A topic, or a pattern with `+` and `#` as in a subscription. */
  readonly topic?: string | undefined;
  /** The most records. */
  readonly limit?: number | undefined;
}

/** A search whose answer is held in memory. */
export interface ArchiveQuery extends TrailQuery {
  readonly limit: number;
}

/** A verification of the whole trail. Times are milliseconds since the epoch. */
export interface Verification {
  readonly state: 'running' | 'intact' | 'tampered' | 'failed';
  readonly startedAtMs: number;
  /** Undefined while it runs. */
  readonly endedAtMs: number | undefined;
  /** What it found, as `surety audit verify --json` has it; undefined where it found nothing. */
  readonly report: Readonly<Record<string, unknown>> | undefined;
  /** Why it could not be done. */
  readonly failure: string | undefined;
}

/** The trail of a running broker, for those who look into it. */
export interface AuditArchive {
  /** The records in their order. @throws Error that says why it can't be read. */
  search(query: ArchiveQuery): Promise<readonly StoredRecord[]>;
  /** Begins to verify the trail, where that isn't under way. */
  verify(): Verification;
  /** The verification that is under way, or was last; undefined before the first. */
  readonly verification: Verification | undefined;
  /** Ends what is under way. */
  stop(): void;
}
