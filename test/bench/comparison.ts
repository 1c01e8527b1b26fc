import { median } from './median.js';
import type { Figure, Measurement, Minimum, Scenario, Suite } from './scenario.js';

/** One figure of one scenario over all rounds. */
export interface ComparisonRow {
  readonly scenario: string;
  readonly figure: Figure;
  /** Medians by peer; peers without a measurement have none. */
  readonly medians: Readonly<Record<string, number>>;
  /** The subject's median over that of each other peer, where both exist. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Takes medians over rounds and divides the subject's by those of the other peers. */
export function compare(
  scenarios: readonly Scenario[],
  subject: string,
  measurements: readonly Measurement[],
): ComparisonRow[] {
  return scenarios.flatMap((scenario) =>
    scenario.figures.map((figure) => {
      const own = measurements.filter((one) => one.scenario === scenario.name);
      const medians = mediansByPeer(own, figure.key);
      return { scenario: scenario.name, figure, medians, ratios: ratiosTo(subject, medians) };
    }),
  );
}

/**
 * Says which of the suite's minimums are missed, one sentence each. A minimum whose figure was not measured
 * counts as missed, and so does a failed or lossy run of the subject.
 * @param selected Names of the scenarios that were run; minimums of others are passed over.
 */
export function missedMinimums(
  suite: Suite,
  selected: readonly string[],
  rows: readonly ComparisonRow[],
  measurements: readonly Measurement[],
): string[] {
  const failures = measurements
    .filter((one) => one.peer === suite.subject && one.failure !== undefined)
    .map((one) => `${one.scenario}, round ${one.round}: ${one.failure ?? ''}`);
  const misses = suite.minimums
    .filter((minimum) => selected.includes(minimum.scenario))
    .map((minimum) => missOf(minimum, suite.subject, rows))
    .filter((miss) => miss !== undefined);
  return [...failures, ...misses];
}

function mediansByPeer(measurements: readonly Measurement[], key: string): Record<string, number> {
  const medians: Record<string, number> = {};
  for (const peer of new Set(measurements.map((one) => one.peer))) {
    const values = measurements.filter((one) => one.peer === peer).map((one) => one.values[key]);
    const middle = median(values.filter((value) => value !== undefined));
    if (middle !== undefined) medians[peer] = middle;
  }
  return medians;
}

function ratiosTo(subject: string, medians: Readonly<Record<string, number>>): Record<string, number> {
  const own = medians[subject];
  const ratios: Record<string, number> = {};
  if (own === undefined) return ratios;
  for (const [peer, value] of Object.entries(medians)) {
    if (peer !== subject && value > 0) ratios[peer] = own / value;
  }
  return ratios;
}

/** What a minimum is held against: the subject's median, or its ratio to the reference's; undefined if it wasn't measured. */
export function valueOf(
  { scenario, figure, reference }: Minimum,
  subject: string,
  rows: readonly ComparisonRow[],
): number | undefined {
  const row = rows.find((one) => one.scenario === scenario && one.figure.key === figure);
  return reference === undefined ? row?.medians[subject] : row?.ratios[reference];
}

/** What a minimum is about, in words. */
export function aboutText({ scenario, figure, reference }: Minimum): string {
  return `${scenario}, ${figure}${reference === undefined ? '' : ` over ${reference}`}`;
}

function missOf(minimum: Minimum, subject: string, rows: readonly ComparisonRow[]): string | undefined {
  const { min, max } = minimum;
  const value = valueOf(minimum, subject, rows);
  const what = aboutText(minimum);
  if (value === undefined) return `${what}: not measured`;
  if (min !== undefined && value < min) return `${what}: ${value.toFixed(2)}, must be at least ${min}`;
  if (max !== undefined && value > max) return `${what}: ${value.toFixed(2)}, must be at most ${max}`;
  return undefined;
}
