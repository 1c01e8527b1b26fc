import type { SignedCheckpoint } from '../../domain/audit/checkpoint.js';

/** A place outside the database where checkpoints are kept. */
export interface CheckpointSink {
  /** For the operator: where that is. */
  readonly description: string;
  /** Resolves when the checkpoint is safe there, or is as safe as that place can promise. @throws Error when it isn't. */
  append(checkpoint: SignedCheckpoint): Promise<void>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}
