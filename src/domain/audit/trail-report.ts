import type { TrailFault } from './trail-fault.js';

/** What a verification has found. */
export interface TrailReport {
  /** The first fault; undefined when there is none. */
  readonly fault: TrailFault | undefined;
  /** Records that were found to be whole and in their place. */
  readonly records: number;
  /** The first and the last of them. */
  readonly first: RecordPlace | undefined;
  readonly last: RecordPlace | undefined;
  /** Checkpoints that were found to hold. */
  readonly checkpoints: number;
  /** Checkpoints about records that were dropped since. */
  readonly checkpointsBefore: number;
  /** Lines of the checkpoint file that are no checkpoints. */
  readonly tornLines: number;
  /** The last record that a checkpoint vouches for; what comes after it can't be proven. 0 where none does. */
  readonly provenThrough: number;
}

export interface RecordPlace {
  readonly sequence: number;
  readonly atMs: number;
}
