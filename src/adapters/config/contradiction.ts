/** Settings that can't stand together, or miss one another. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly action: string;
}
