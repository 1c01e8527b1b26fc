import { median } from './median.js';
import type { Figure, Measurement, Minimum, Scenario, Suite } from './scenario.js';

/** One figure of one scenario over all rounds. */
export interface ComparisonRow {
  readonly scenario: string;
  readonly figure: Figure;
  /** Medians by peer; peers without a measurement have none. */
  readonly medians: Readonly<Record<string, number>>;
  /**
   * The subject's value over that of each other peer: the median of the rounds' own ratios, where both exist. A round takes
   * turns within a minute, from one to the next a machine may have become half as fast.
   */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Takes medians over rounds, of the peers' values and of what the subject's are of the other peers'. */
export function compare(
  scenarios: readonly Scenario[],
  subject: string,
  measurements: readonly Measurement[],
): ComparisonRow[] {
  return scenarios.flatMap((scenario) =>
    scenario.figures.map((figure) => {
      const own = measurements.filter((one) => one.scenario === scenario.name);
      const values = valuesByPeer(own, figure.key);
      return {
        scenario: scenario.name,
        figure,
        medians: mediansOf(values),
        ratios: mediansOf(ratiosTo(subject, values)),
      };
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

/** Values by peer, and by round. */
type Rounds = ReadonlyMap<string, ReadonlyMap<number, number>>;

function valuesByPeer(measurements: readonly Measurement[], key: string): Rounds {
  const rounds = new Map<string, Map<number, number>>();
  for (const { peer, round, values } of measurements) {
    const value = values[key];
    if (value === undefined) continue;
    const own = rounds.get(peer) ?? new Map<number, number>();
    rounds.set(peer, own.set(round, value));
  }
  return rounds;
}

function ratiosTo(subject: string, rounds: Rounds): Rounds {
  const own = rounds.get(subject) ?? new Map<number, number>();
  const others = [...rounds].filter(([peer]) => peer !== subject);
  return new Map(
    others.map(([peer, values]) => {
      const both = [...own].filter(([round]) => (values.get(round) ?? 0) > 0);
      return [peer, new Map(both.map(([round, value]) => [round, value / (values.get(round) as number)]))];
    }),
  );
}

function mediansOf(rounds: Rounds): Record<string, number> {
  const medians: Record<string, number> = {};
  for (const [peer, values] of rounds) {
    const middle = median([...values.values()]);
    if (middle !== undefined) medians[peer] = middle;
  }
  return medians;
}

/** What a minimum is held against: the subject's median, or that of its ratios to the reference's values; undefined if it wasn't measured. */
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
