import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { LoadFlags } from './load/load-options.js';
import { ownLoadProgram, type LoadProgram } from './load-driver.js';
import { median } from './median.js';
import type { Peer } from './peers/peer.js';
import type { Scenario } from './scenario.js';
import { measureOnce, type BenchContext } from './suite-run.js';
import { formatNumber, textTable } from './text-table.js';

/** Both generators' medians for one broker in one scenario. */
export interface SelfCheckRow {
  readonly scenario: string;
  readonly peer: string;
  readonly own: Readonly<Record<string, number>>;
  /** Undefined when there is no other generator, or it failed. */
  readonly other: Readonly<Record<string, number>> | undefined;
  /** How far ours is from the other's, as a share of the other's delivered rate. */
  readonly difference: number | undefined;
}

/** What is checked, and how often. */
export interface SelfCheckPlan {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
}

/** The generators should agree to this share of the delivered rate. */
export const DIFFERENCE_MAX = 0.15;

/** Flags of our generator that the other one doesn't know. */
const OWN_FLAGS = ['batch', 'topics', 'first', 'count'];

const FIGURES = ['delivered_per_s', 'load_cpu', 'broker_cpu', 'other_cpu'];

/** Drives the same loads with our generator and, when given, the other one, taking turns. */
export async function selfCheck(
  { scenarios, peers, rounds }: SelfCheckPlan,
  other: LoadProgram | undefined,
  context: BenchContext,
): Promise<SelfCheckRow[]> {
  const rows: SelfCheckRow[] = [];
  for (const scenario of scenarios) {
    for (const peer of peers) {
      const own: Record<string, number>[] = [];
      const others: Record<string, number>[] = [];
      for (let round = 0; round < rounds; round++) {
        const ours = await measureOnce(scenario, peer, ownLoadProgram(), context);
        if (ours.failure === undefined) own.push(ours.values);
        else context.print(`  ${scenario.name}, ${peer.name}: ${ours.failure}`);
        if (other === undefined) continue;
        const theirs = await measureOnce(scenario, peer, other, context);
        if (theirs.failure === undefined) others.push(theirs.values);
        else context.print(`  ${scenario.name}, ${peer.name}, mqload: ${theirs.failure}`);
      }
      rows.push(selfCheckRow(scenario.name, peer.name, own, others));
      context.print(`  ${scenario.name}, ${peer.name}: done`);
    }
  }
  return rows;
}

/** Takes medians of both generators' runs and compares their delivered rates. */
export function selfCheckRow(
  scenario: string,
  peer: string,
  own: readonly Readonly<Record<string, number>>[],
  others: readonly Readonly<Record<string, number>>[],
): SelfCheckRow {
  const ours = medians(own);
  const theirs = others.length === 0 ? undefined : medians(others);
  const mine = ours['delivered_per_s'];
  const base = theirs?.['delivered_per_s'];
  const difference = mine === undefined || base === undefined ? undefined : mine / base - 1;
  return { scenario, peer, own: ours, other: theirs, difference };
}

/**
 * Whether the generators disagree. Against a broker they should find the same rate. The relay is so fast that
 * they measure themselves, so there ours may be the faster one.
 */
export function isApart({ peer, difference }: SelfCheckRow): boolean {
  if (difference === undefined) return false;
  return difference < -DIFFERENCE_MAX || (peer !== 'relay' && difference > DIFFERENCE_MAX);
}

/** Whether the other generator has these flags too. */
export function takesFlags(flags: LoadFlags): boolean {
  return OWN_FLAGS.every((name) => flags[name] === undefined);
}

/** The rows side by side, with the difference in percent. */
export function selfCheckText(rows: readonly SelfCheckRow[]): string {
  const head = [
    'scenario',
    'against',
    'msg/s',
    'load CPU',
    'broker CPU',
    'other CPU',
    'mqload msg/s',
    'its CPU',
    'difference',
  ];
  const body = rows.map(({ scenario, peer, own, other, difference }) => [
    scenario,
    peer,
    formatNumber(own['delivered_per_s'], 0),
    formatNumber(own['load_cpu'], 2),
    formatNumber(own['broker_cpu'], 2),
    formatNumber(own['other_cpu'], 2),
    formatNumber(other?.['delivered_per_s'], 0),
    formatNumber(other?.['load_cpu'], 2),
    difference === undefined ? '-' : `${(difference * 100).toFixed(1)} %`,
  ]);
  return textTable([head, ...body]);
}

/**
 * Finds the other load generator, compiling it when the path names a C source.
 * @param directory Where the compiled program goes.
 * @throws Error when there is no compiler, or it fails.
 */
export function otherLoadProgram(path: string, directory: string): LoadProgram {
  if (!path.endsWith('.c')) return { command: resolve(path), args: [], readsBrokerCpu: false };
  const program = resolve(directory, 'mqload');
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', program, resolve(path)], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw new Error(`no C compiler for ${path}: ${error.message}`);
  if (status !== 0) throw new Error(`cc failed on ${path}: ${stderr}`);
  return { command: program, args: [], readsBrokerCpu: false };
}

function medians(runs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const key of FIGURES) {
    const middle = median(runs.map((run) => run[key]).filter((value) => value !== undefined));
    if (middle !== undefined) result[key] = middle;
  }
  return result;
}
