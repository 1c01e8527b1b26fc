import { FixedHistogram } from '../../domain/fixed-histogram.js';

/** Bounds of how long providers take, in seconds. */
const DECISION_SECONDS = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** What a provider has done since the start; plain numbers, read by the metrics. */
export class ProviderFigures {
  accepted = 0;
  refused = 0;
  /** Left to the next provider. */
  ignored = 0;
  /** Could not be decided: an error, or too much to do. */
  failed = 0;
  /** Decisions of all sorts, by how long they took. */
  readonly seconds = new FixedHistogram(DECISION_SECONDS);
}
