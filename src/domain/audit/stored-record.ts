import type { AuditRecord } from './audit-event.js';

/** A record as the trail keeps it, with its place in the chain. */
export interface StoredRecord extends AuditRecord {
  /** The version of the format that it was written in. */
  readonly version: number;
  /** The hash of the record before it; 32 bytes. */
  readonly previousHash: Uint8Array;
  /** Its own; 32 bytes. */
  readonly hash: Uint8Array;
}
