import type { BenchOptions } from '../bench-options.js';
import { aboutText, type ComparisonRow, valueOf } from '../comparison.js';
import { type Choice, type Plan, planOf } from '../plan.js';
import { runPlan } from '../run-plan.js';
import type { Minimum, Suite } from '../scenario.js';
import type { Stage } from '../stage.js';
import { formatNumber, textTable } from '../text-table.js';
import { readFigures } from './figures-file.js';

/** What is measured, each thing once and shortly. */
const CHOICES: readonly Omit<Choice, 'warmupSeconds'>[] = [
  { suite: 'throughput', brokers: ['surety-acl', 'mosquitto'], rounds: 1, measureSeconds: 1.5 },
  { suite: 'connections', only: ['idle-15k'], brokers: ['surety-acl'], rounds: 1 },
  { suite: 'matching', only: ['match-mixed', 'memory-1m'], rounds: 1 },
];

/** A fall of more than this, as a share of the figure before, is told. */
const FALL_MAX = 0.1;

/** One figure now and in the last report. */
interface Change {
  readonly scenario: string;
  readonly about: string;
  readonly before: number;
  readonly now: number;
  /** By how much it is worse, as a share; below 0 where it is better. */
  readonly fall: number;
}

/**
 * Compares what the broker does now with the figures of the last report, as ratios to other brokers in the same run, or
 * as amounts of memory. What has fallen is measured once more, as other work may have disturbed it. Ends with 1 when
 * something has fallen by more than a tenth both times.
 * @throws Error when there are no figures to compare with.
 */
export function quickCommand(
  { warmupSeconds }: BenchOptions,
  rootDirectory: string,
): (stage: Stage) => Promise<number> {
  const pairs = CHOICES.map((choice) => {
    const before = readFigures(rootDirectory, choice.suite);
    if (before === undefined)
      throw new Error(`there are no figures of ${choice.suite}: run npm run bench -- report first`);
    return { plan: planOf({ ...choice, warmupSeconds }, rootDirectory), before };
  });
  return async (stage) => {
    const changes: Change[] = [];
    for (const { plan, before } of pairs) {
      const first = await measure(plan, before.rows, stage);
      const fallen = new Set(first.filter(hasFallen).map(({ scenario }) => scenario));
      const scenarios = plan.scenarios.filter(({ name }) => fallen.has(name));
      const again = scenarios.length > 0 ? await measure({ ...plan, scenarios }, before.rows, stage) : [];
      changes.push(...betterOf(first, again));
    }
    stage.print(`\n${changesText(changes)}`);
    const fallen = changes.filter(hasFallen);
    for (const { about, fall } of fallen) stage.print(`FALLEN by ${(fall * 100).toFixed(0)} %: ${about}`);
    return fallen.length === 0 ? 0 : 1;
  };
}

async function measure(
  plan: Plan,
  before: readonly ComparisonRow[],
  stage: Stage,
): Promise<readonly Change[]> {
  const { rows } = await runPlan(plan, stage);
  return changesOf(plan.suite, before, rows);
}

/** Of each change the smaller fall, where it was measured twice. */
export function betterOf(first: readonly Change[], again: readonly Change[]): readonly Change[] {
  return first.map((change) => {
    const other = again.find(({ about }) => about === change.about);
    return other !== undefined && other.fall < change.fall ? other : change;
  });
}

function hasFallen({ fall }: Change): boolean {
  return fall > FALL_MAX;
}

/** What has changed of that which is asked of a suite, as far as it was measured both times. */
export function changesOf(
  { minimums, subject }: Pick<Suite, 'minimums' | 'subject'>,
  before: readonly ComparisonRow[],
  now: readonly ComparisonRow[],
): readonly Change[] {
  return minimums.flatMap((goal) => {
    const [old, current] = [valueOf(goal, subject, before), valueOf(goal, subject, now)];
    if (old === undefined || current === undefined) return [];
    const about = aboutText(goal);
    const fall = fallOf(goal, old, current);
    return [{ scenario: goal.scenario, about, before: old, now: current, fall }];
  });
}

/** Where much is asked for, less is a fall; where little is, more. */
function fallOf({ min }: Minimum, before: number, now: number): number {
  return min === undefined ? now / before - 1 : 1 - now / before;
}

function changesText(changes: readonly Change[]): string {
  const body = changes.map((change) => {
    const { about, before, now } = change;
    const figures = [before, now, now / before].map((figure) => formatNumber(figure, 2));
    return [about, hasFallen(change) ? 'FALLEN' : '', ...figures];
  });
  return textTable([['figure', '', 'last report', 'now', 'now/then'], ...body]);
}
