import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBenchOptions, usage, type BenchOptions } from './bench-options.js';
import { ChildPool } from './child-pool.js';
import { compare, missedMinimums } from './comparison.js';
import { endServersBelow } from './leftover-servers.js';
import { LoadDriver, type LoadTimes } from './load-driver.js';
import { choosePinning, commitOf, describeMachine } from './machine.js';
import { allPeers } from './peers/all-peers.js';
import type { Peer } from './peers/peer.js';
import { OTHER_CPU_MAX } from './quiet-machine.js';
import { comparisonText, headerText, type PeerVersions } from './report.js';
import type { Measurement, Suite } from './scenario.js';
import {
  DIFFERENCE_MAX,
  isApart,
  otherLoadProgram,
  selfCheck,
  selfCheckText,
  takesFlags,
} from './self-check.js';
import { runScenarios, type BenchContext } from './suite-run.js';
import { accessSuite } from './suites/access-suite.js';
import { durableSuite } from './suites/durable-suite.js';
import { memorySuite } from './suites/memory-suite.js';
import { scrapeSuite } from './suites/scrape-suite.js';

const RELAY_REMARK =
  '\nThe relay forwards bytes and does nothing else: its rows are what the load generator can measure.';

const SUITES: readonly Suite[] = [memorySuite, accessSuite, durableSuite, scrapeSuite];

/**
 * The benchmark's entry.
 * @returns The exit code: 0, 1 when something failed or was missed, 2 on bad use.
 */
export async function main(argv: readonly string[], rootDirectory: string): Promise<number> {
  let options: BenchOptions;
  let plan: Plan;
  try {
    options = parseBenchOptions(argv);
    plan = planOf(options, rootDirectory);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.command === 'help') print(usage);
  else if (options.command === 'list') print(listText(plan.suite));
  else return measure(options, plan, rootDirectory);
  return 0;
}

function timesOf({ measureSeconds, warmupSeconds }: BenchOptions, suite: Suite): LoadTimes {
  return { measureSeconds: measureSeconds ?? suite.measureSeconds, warmupSeconds };
}

/** What is to be run, with the brokers that can't be left out. */
interface Plan {
  readonly suite: Suite;
  readonly scenarios: Suite['scenarios'];
  readonly peers: readonly Peer[];
  readonly versions: PeerVersions;
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** @throws Error that names an unknown suite, scenario or broker. */
function planOf(options: BenchOptions, rootDirectory: string): Plan {
  const suite = SUITES.find((one) => one.name === options.suite);
  if (suite === undefined) throw new Error(`unknown suite ${options.suite}`);
  const isSelfCheck = options.command === 'self-check';
  const only = options.only ?? suite.scenarios.map((one) => one.name);
  const scenarios = only.map((name) => {
    const found = suite.scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Error(`unknown scenario ${name}`);
    return found;
  });
  const known = allPeers(rootDirectory);
  const wanted = options.brokers ?? (isSelfCheck ? ['relay', 'mosquitto'] : suite.peers);
  const present: Record<string, string> = {};
  const absent: Record<string, string> = {};
  const peers = wanted.map((name) => {
    const peer = known.get(name);
    if (peer === undefined) throw new Error(`unknown broker ${name}`);
    return peer;
  });
  for (const peer of peers) {
    try {
      present[peer.name] = peer.version();
    } catch (error) {
      absent[peer.name] = error instanceof Error ? error.message : String(error);
    }
  }
  const versions = { present, absent };
  return { suite, scenarios, peers: peers.filter((peer) => peer.name in present), versions };
}

/** Sets the stage, measures, and leaves neither processes nor files behind. */
async function measure(options: BenchOptions, plan: Plan, rootDirectory: string): Promise<number> {
  const pool = new ChildPool();
  const directory = mkdtempSync(join(tmpdir(), 'surety-bench-'));
  const cleanUp = (): void => {
    pool.killAll();
    endServersBelow(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  process.on('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  const pinning = options.isPinned && plan.suite.isPinned ? choosePinning() : undefined;
  const driver = new LoadDriver(pool, pinning?.load, timesOf(options, plan.suite));
  const quietMsMax = options.quietWaitSeconds * 1000;
  const context: BenchContext = {
    pool,
    driver,
    directory,
    rootDirectory,
    brokerCpu: pinning?.broker,
    quietMsMax,
    print,
  };
  const machine = describeMachine();
  print(headerText(machine, plan.versions, pinning));
  try {
    if (options.command === 'self-check') return await runSelfCheck(options, plan, context);
    const commit = commitOf(rootDirectory);
    return await runSuite(options, plan, context, { machine, pinning, commit });
  } finally {
    await pool.stopAll();
  }
}

async function runSuite(
  options: BenchOptions,
  { suite, scenarios, peers, versions }: Plan,
  context: BenchContext,
  facts: Readonly<Record<string, unknown>>,
): Promise<number> {
  const rounds = options.rounds ?? suite.rounds;
  const { measureSeconds, warmupSeconds } = timesOf(options, suite);
  print(`suite ${suite.name}: ${suite.title}; ${rounds} rounds of ${measureSeconds} s`);
  const startMs = performance.now();
  const measurements = await runScenarios(scenarios, peers, rounds, context);
  const rows = compare(scenarios, suite.subject, measurements);
  const names = peers.map((peer) => peer.name);
  print(`\n${comparisonText(suite, names, rows)}`);
  const disturbed = disturbanceText(measurements);
  if (disturbed !== '') print(`\n${disturbed}`);
  print(`\nmeasured in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  const selected = scenarios.map((one) => one.name);
  const misses = missedMinimums(suite, selected, rows, measurements);
  const failed = measurements.some((one) => one.peer === suite.subject && one.failure !== undefined);
  if (options.assert) {
    for (const miss of misses) print(`MISSED: ${miss}`);
    if (misses.length === 0) print('all minimums are met');
  }
  if (options.json !== undefined) {
    const record = {
      suite: suite.name,
      at: new Date(),
      ...facts,
      versions,
      rounds,
      measureSeconds,
      warmupSeconds,
    };
    writeFileSync(options.json, `${JSON.stringify({ ...record, rows, misses, measurements }, null, 2)}\n`);
  }
  return failed || (options.assert && misses.length > 0) ? 1 : 0;
}

/** Rates that are held say nothing about what the generator can do, so only open loads are checked. */
async function runSelfCheck(options: BenchOptions, plan: Plan, context: BenchContext): Promise<number> {
  const open = plan.scenarios.filter((one) => one.load['rate'] === undefined && one.procedures === undefined);
  const other =
    options.mqload === undefined ? undefined : otherLoadProgram(options.mqload, context.directory);
  const scenarios = other === undefined ? open : open.filter(({ load }) => takesFlags(load));
  const rounds = options.rounds ?? plan.suite.rounds;
  const rows = await selfCheck({ scenarios, peers: plan.peers, rounds }, other, context);
  print(`\n${selfCheckText(rows)}`);
  if (rows.some((row) => row.peer === 'relay')) print(RELAY_REMARK);
  const apart = rows.filter(isApart);
  for (const { scenario, peer, own } of apart) {
    const other = own['other_cpu'] ?? 0;
    const why = other > OTHER_CPU_MAX ? `; other work used ${other.toFixed(2)} CPU, so it may be that` : '';
    print(`APART by more than ${DIFFERENCE_MAX * 100} %: ${scenario}, ${peer}${why}`);
  }
  const failed = rows.filter((row) => row.own['delivered_per_s'] === undefined);
  return apart.length + failed.length > 0 ? 1 : 0;
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

function listText(suite: Suite): string {
  return suite.scenarios.map(({ name, title }) => `${name.padEnd(14)} ${title}`).join('\n');
}
