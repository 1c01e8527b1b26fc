/** A month of the trail. */
export interface TrailMonth {
  readonly name: string;
  /** What it holds; undefined where that is nothing. */
  readonly content: TrailMonthContent | undefined;
}

export interface TrailMonthContent {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastHash: Uint8Array;
  readonly records: number;
}

/** Months that have ended. */
export interface EndedMonths {
  readonly ended: readonly TrailMonth[];
  /** The number of the first record that stands in none of them; Infinity where there is none. */
  readonly firstKept: number;
}

/** The months that the trail is kept in. */
export interface TrailMonths {
  /** Those that have ended by this time, in milliseconds since the epoch. */
  endedBy(timeMs: number): Promise<EndedMonths>;
  /** Drops all of these or none. @throws Error when it can't be done without making others wait. */
  drop(names: readonly string[]): Promise<void>;
}
