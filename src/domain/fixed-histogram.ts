/**
 * How many values lay at or below each of a few fixed bounds. To observe one costs a short search, and allocates
 * nothing: whoever reports it reads the fields when asked.
 */
export class FixedHistogram {
  /** Values by the first bound that they don't exceed; those above all bounds come last. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds Ascending, in the unit of what is observed. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds } = this;
    let slot = 0;
    while (slot < bounds.length && value > (bounds[slot] as number)) slot++;
    (this.counts[slot] as number)++;
    this.sum += value;
  }
}

/** Bounds for waits between a loopback round trip and a database that is slow to come back, in seconds. */
export const WAIT_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
