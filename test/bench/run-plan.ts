import { compare } from './comparison.js';
import { LoadDriver } from './load-driver.js';
import type { Plan } from './plan.js';
import { OTHER_CPU_MAX } from './quiet-machine.js';
import { comparisonText, headerText } from './report.js';
import type { Measurement } from './scenario.js';
import type { Stage } from './stage.js';
import type { SuiteRecord } from './suite-record.js';
import { type BenchContext, runScenarios } from './suite-run.js';

/** What a plan's measurements need of the stage. */
export function contextOf({ suite, measureSeconds, warmupSeconds }: Plan, stage: Stage): BenchContext {
  const pinning = suite.isPinned ? stage.pinning : undefined;
  const driver = new LoadDriver(stage.pool, pinning?.load, { measureSeconds, warmupSeconds });
  return { ...stage, driver, brokerCpu: pinning?.broker, loadCpu: pinning?.load };
}

/** Measures what was planned, and prints how it goes and what came out. */
export async function runPlan(plan: Plan, stage: Stage): Promise<SuiteRecord> {
  const { suite, scenarios, peers, versions, rounds, measureSeconds, warmupSeconds } = plan;
  const { machine, commit, print } = stage;
  const pinning = suite.isPinned ? stage.pinning : undefined;
  print(headerText(machine, versions, pinning));
  print(`suite ${suite.name}: ${suite.title}; ${rounds} rounds of ${measureSeconds} s`);
  const startMs = performance.now();
  const measurements = await runScenarios(scenarios, peers, rounds, contextOf(plan, stage));
  const rows = compare(scenarios, suite.subject, measurements);
  const names = peers.map((peer) => peer.name);
  print(`\n${comparisonText(suite, names, rows)}`);
  const disturbed = disturbanceText(measurements);
  if (disturbed !== '') print(`\n${disturbed}`);
  print(`\nmeasured in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  const at = new Date().toISOString();
  const times = { rounds, measureSeconds, warmupSeconds };
  return { suite: suite.name, at, machine, pinning, commit, versions, ...times, rows, measurements };
}

/** Names the scenarios whose figures, and verdicts on them, other work on the machine may have bent. */
function disturbanceText(measurements: readonly Measurement[]): string {
  const disturbed = measurements.filter((one) => (one.values['other_cpu'] ?? 0) > OTHER_CPU_MAX);
  const counts = [...new Set(disturbed.map((one) => one.scenario))].map((scenario) => {
    const of = (all: readonly Measurement[]): number => all.filter((one) => one.scenario === scenario).length;
    return `DISTURBED: ${scenario}: ${of(disturbed)} of ${of(measurements)} measurements shared the CPUs with other work`;
  });
  return counts.join('\n');
}
