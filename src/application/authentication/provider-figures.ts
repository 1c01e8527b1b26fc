/** Upper bounds of the buckets of how long providers take, in seconds. */
export const DECISION_SECONDS = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5] as const;

/** What a provider has done since the start; plain numbers, read by the metrics. */
export class ProviderFigures {
  accepted = 0;
  refused = 0;
  /** Left to the next provider. */
  ignored = 0;
  /** Could not be decided: an error, or too much to do. */
  failed = 0;
  /** Decisions of all sorts, by how long they took: not above the bound of the same index, the last without one. */
  readonly buckets = new Array<number>(DECISION_SECONDS.length + 1).fill(0);
  /** The sum of how long they took, in seconds. */
  seconds = 0;

  took(seconds: number): void {
    this.seconds += seconds;
    const index = DECISION_SECONDS.findIndex((bound) => seconds <= bound);
    const bucket = index < 0 ? DECISION_SECONDS.length : index;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }
}
