/** A month of the trail. */
export interface AuditPartition {
  readonly name: string;
  /** What it holds; undefined where that is nothing. */
  readonly content: AuditPartitionContent | undefined;
}

export interface AuditPartitionContent {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastHash: Uint8Array;
  readonly records: number;
  /** Whether all records that stand elsewhere come later. */
  readonly isBeginning: boolean;
}

/** The months that the trail is kept in. */
export interface AuditPartitions {
  /** The oldest month, if it has ended by this time, in milliseconds since the epoch. */
  oldestEndedBy(timeMs: number): Promise<AuditPartition | undefined>;
  /** Drops a month with all that it holds. @throws Error when it can't be done without making others wait. */
  drop(name: string): Promise<void>;
}
