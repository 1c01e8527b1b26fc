/** Stretches of consecutive sequences of several sessions, as columns. */
export interface SequenceRanges {
  readonly keys: number[];
  readonly from: number[];
  readonly through: number[];
}

/** Receivers mostly acknowledge in order: ranges make few rows of many sequences. */
export function sequenceRanges(bySession: ReadonlyMap<number, number[]>): SequenceRanges {
  const ranges: SequenceRanges = { keys: [], from: [], through: [] };
  for (const [key, sequences] of bySession) {
    sequences.sort((a, b) => a - b);
    for (let i = 0; i < sequences.length;) {
      const from = sequences[i] as number;
      let through = from;
      for (i++; sequences[i] === through + 1; i++) through++;
      ranges.keys.push(key);
      ranges.from.push(from);
      ranges.through.push(through);
    }
  }
  return ranges;
}
