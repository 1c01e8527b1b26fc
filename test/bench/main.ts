import { writeFileSync } from 'node:fs';
import { parseBenchOptions, usage, type BenchOptions } from './bench-options.js';
import { missedMinimums } from './comparison.js';
import { quickCommand } from './performance/quick-command.js';
import { reportCommand } from './performance/report-command.js';
import { planOf, type Plan } from './plan.js';
import { runPlan } from './run-plan.js';
import type { Suite } from './scenario.js';
import { selfCheckCommand } from './self-check-command.js';
import { onStage, print, type Stage } from './stage.js';

/** What a command does once its options are known to be right. */
export type Act = (stage: Stage) => Promise<number>;

/**
 * The benchmark's entry.
 * @returns The exit code: 0, 1 when something failed or was missed, 2 on bad use.
 */
export async function main(argv: readonly string[], rootDirectory: string): Promise<number> {
  let options: BenchOptions;
  let act: Act;
  try {
    options = parseBenchOptions(argv);
    if (options.command === 'help') return say(usage);
    if (options.command === 'list') return say(listText(planOf(options, rootDirectory).suite));
    act = actOf(options, options.command, rootDirectory);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  return onStage({ ...options, rootDirectory }, act);
}

/** @throws Error that names what is unknown. */
function actOf(
  options: BenchOptions,
  command: Exclude<BenchOptions['command'], 'help' | 'list'>,
  rootDirectory: string,
): Act {
  switch (command) {
    case 'report':
      return reportCommand(options, rootDirectory);
    case 'quick':
      return quickCommand(options, rootDirectory);
    case 'self-check':
      return selfCheckCommand(
        options,
        planOf({ ...options, brokers: options.brokers ?? ['relay', 'mosquitto'] }, rootDirectory),
      );
    case 'run': {
      const plan = planOf(options, rootDirectory);
      return (stage) => runSuite(options, plan, stage);
    }
  }
}

async function runSuite(options: BenchOptions, plan: Plan, stage: Stage): Promise<number> {
  const { suite, scenarios } = plan;
  const record = await runPlan(plan, stage);
  const { rows, measurements } = record;
  const selected = scenarios.map((one) => one.name);
  const misses = missedMinimums(suite, selected, rows, measurements);
  const failed = measurements.some((one) => one.peer === suite.subject && one.failure !== undefined);
  if (options.assert) {
    for (const miss of misses) print(`MISSED: ${miss}`);
    if (misses.length === 0) print('all minimums are met');
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ ...record, misses }, null, 2)}\n`);
  return failed || (options.assert && misses.length > 0) ? 1 : 0;
}

function say(text: string): number {
  print(text);
  return 0;
}

function listText(suite: Suite): string {
  return suite.scenarios.map(({ name, title }) => `${name.padEnd(14)} ${title}`).join('\n');
}
