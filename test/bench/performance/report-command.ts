import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from '../bench-options.js';
import { missedMinimums } from '../comparison.js';
import { planOf } from '../plan.js';
import { runPlan } from '../run-plan.js';
import type { Stage } from '../stage.js';
import type { SuiteRecord } from '../suite-record.js';
import { charts } from './charts.js';
import { PERFORMANCE_FOLDER, readFigures, writeFigures } from './figures-file.js';
import { choiceOf, goalsOf, type Part, PARTS } from './parts.js';
import { performancePage } from './performance-page.js';

/**
 * Measures the parts of the report that are asked for, keeps their figures, and writes docs/performance.md from the figures
 * of all parts. Ends with 1 when any of them misses what is asked.
 * @throws Error that names an unknown part or broker.
 */
export function reportCommand(
  options: BenchOptions,
  rootDirectory: string,
): (stage: Stage) => Promise<number> {
  const plans = partsOf(options).map((part) => {
    const { rounds, measureSeconds, warmupSeconds } = options;
    return planOf({ ...choiceOf(part, warmupSeconds), rounds, measureSeconds }, rootDirectory);
  });
  return async (stage) => {
    for (const plan of plans) {
      writeFigures(rootDirectory, await runPlan(plan, stage));
      writeReport(rootDirectory);
    }
    const misses = writeReport(rootDirectory);
    for (const miss of misses) stage.print(`MISSED: ${miss}`);
    if (misses.length === 0) stage.print('all that is asked is met');
    return misses.length === 0 ? 0 : 1;
  };
}

function partsOf({ draw, only }: BenchOptions): readonly Part[] {
  if (draw) return [];
  if (only === undefined) return PARTS;
  return only.map((name) => {
    const part = PARTS.find(({ suite }) => suite.name === name);
    if (part === undefined) throw new Error(`unknown part ${name}`);
    return part;
  });
}

/** Writes page and pictures from the figures that are there. @returns what is missed, one sentence each. */
function writeReport(rootDirectory: string): readonly string[] {
  const records = new Map<string, SuiteRecord>();
  for (const { suite } of PARTS) {
    const record = readFigures(rootDirectory, suite.name);
    if (record !== undefined) records.set(suite.name, record);
  }
  const folder = join(rootDirectory, PERFORMANCE_FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(charts(records))) writeFileSync(join(folder, `${name}.svg`), svg);
  writeFileSync(join(rootDirectory, 'docs', 'performance.md'), performancePage(records));
  return PARTS.flatMap((part) => missesOf(part, records.get(part.suite.name)));
}

function missesOf(part: Part, record: SuiteRecord | undefined): readonly string[] {
  const { suite } = part;
  if (record === undefined) return [`${suite.name}: not measured`];
  const asked = { ...suite, minimums: goalsOf(part) };
  const selected = part.only ?? suite.scenarios.map(({ name }) => name);
  return missedMinimums(asked, selected, record.rows, record.measurements);
}
