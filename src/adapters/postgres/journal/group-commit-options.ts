import type { Logger } from '../../../application/ports/logger.js';
import type { BatchWriter } from './batch-writer.js';
import type { TrailEnd } from './trail-end.js';
import type { WriteClaim } from './write-claim.js';

/** What a group commit works with. */
export interface GroupCommitOptions {
  readonly firstClaim: WriteClaim;
  /** Makes another claim when the last one was lost with its connection. */
  readonly claim: () => Promise<WriteClaim>;
  readonly writer: BatchWriter;
  readonly logger: Logger;
  /** The number of the last batch in the database. */
  readonly lastBatch: number;
  /** The highest number that a session has had. */
  readonly lastSessionKey: number;
  readonly trail: TrailEnd;
  /** Entries that wait to be committed, in bytes, past which no more should come. */
  readonly limits: { readonly journalBytesMax: number };
  /** Called once, when another broker has taken the database over: this one must not go on. */
  readonly onSuperseded: (error: Error) => void;
}
