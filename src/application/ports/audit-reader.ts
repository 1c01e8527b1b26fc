import type { AuditKind } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';

/** Which records are asked for; what is absent does not matter. */
export interface AuditFilter {
  /** The earliest time, in milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** The time that they are before. */
  readonly toMs?: number | undefined;
  /** Of this client, or with it among those that a record tells of. */
  readonly clientId?: string | undefined;
  readonly principal?: string | undefined;
  readonly kinds?: readonly AuditKind[] | undefined;
  /** Behind this number. */
  readonly afterSequence?: number | undefined;
  /** What the topic begins with, or one of several topics that a record tells of. */
  readonly topicPrefix?: string | undefined;
}

/** How far a trail reaches. */
export interface AuditExtent {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Reads the trail back. */
export interface AuditReader {
  /** Undefined while the trail is empty. */
  extent(): Promise<AuditExtent | undefined>;
  /**
   * The records in their order, a page at a time; no more than a page is held. A filter may let through more than is asked
   * for.
   */
  pages(filter: AuditFilter): AsyncIterable<readonly StoredRecord[]>;
}
