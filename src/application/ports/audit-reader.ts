import type { AuditKind } from '../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';

/** Which records are asked for; what is absent does not matter. */
export interface AuditFilter {
  /** The earliest time, in milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** The time that they are before. */
  readonly toMs?: number | undefined;
  readonly clientId?: string | undefined;
  readonly principal?: string | undefined;
  readonly kinds?: readonly AuditKind[] | undefined;
  /** The number that their own are higher than. */
  readonly afterSequence?: number | undefined;
  /** What the topic begins with. */
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
  /** The records in their order, a page at a time; no more than a page is held. */
  pages(filter: AuditFilter): AsyncIterable<readonly StoredRecord[]>;
}
