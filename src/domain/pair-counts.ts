/** Counts by two labels, each of a fixed few. */
export class PairCounts {
  private readonly counts = new Map<string, Map<string, number>>();

  /** @param firsts Values that are there from the start with each of `seconds`, at 0. */
  constructor(firsts: readonly string[] = [], seconds: readonly string[] = []) {
    for (const first of firsts) this.counts.set(first, new Map(seconds.map((second) => [second, 0])));
  }

  add(first: string, second: string): void {
    let row = this.counts.get(first);
    if (row === undefined) this.counts.set(first, (row = new Map<string, number>()));
    row.set(second, (row.get(second) ?? 0) + 1);
  }

  get(first: string, second: string): number {
    return this.counts.get(first)?.get(second) ?? 0;
  }

  *entries(): Generator<readonly [first: string, second: string, count: number]> {
    for (const [first, row] of this.counts) for (const [second, count] of row) yield [first, second, count];
  }
}
