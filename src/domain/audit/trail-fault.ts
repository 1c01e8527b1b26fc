/**
 * What is wrong with a trail:
 * - `changed`, `removed`, `inserted`, `reordered`: the first record of which that is so;
 * - `cut`: records are missing at the end that a checkpoint knows, also if a broker has gone on from there;
 * - `rewritten`: the chain holds, but is not the one that a checkpoint has signed;
 * - `forged`: a checkpoint that the broker did not sign.
 */
export type TrailFaultKind =
  'changed' | 'removed' | 'inserted' | 'reordered' | 'cut' | 'rewritten' | 'forged';

export interface TrailFault {
  readonly kind: TrailFaultKind;
  /** The number of the first record that it concerns. */
  readonly sequence: number;
  /** A sentence for the auditor. */
  readonly message: string;
}
