/** Counts by two labels. */
export class PairCounts {
  private readonly counts = new Map<string, Map<string, number>>();

  add(first: string, second: string): void {
    let row = this.counts.get(first);
    if (row === undefined) this.counts.set(first, (row = new Map<string, number>()));
    row.set(second, (row.get(second) ?? 0) + 1);
  }

  get(first: string, second: string): number {
    return this.counts.get(first)?.get(second) ?? 0;
  }
}
