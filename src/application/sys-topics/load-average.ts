/** Minutes over which load is averaged. */
export const LOAD_MINUTES = [1, 5, 15] as const;

/** How fast a counter grows, in events a minute: moving averages over one, five and fifteen minutes, as of a Unix load. */
export class LoadAverage {
  /** In the order of `LOAD_MINUTES`. */
  averages: readonly number[] = LOAD_MINUTES.map(() => 0);
  private last: number;

  constructor(private readonly count: () => number) {
    this.last = count();
  }

  /** Takes in what was counted in the last `elapsedSeconds`. */
  tick(elapsedSeconds: number): void {
    const now = this.count();
    const perMinute = ((now - this.last) * 60) / elapsedSeconds;
    this.last = now;
    this.averages = LOAD_MINUTES.map((minutes, index) => {
      const weight = Math.exp(-elapsedSeconds / (60 * minutes));
      return perMinute + weight * ((this.averages[index] ?? 0) - perMinute);
    });
  }
}
