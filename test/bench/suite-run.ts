import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildPool } from './child-pool.js';
import { ownLoadProgram, type LoadDriver, type LoadOutcome, type LoadProgram } from './load-driver.js';
import { endServersBelow } from './leftover-servers.js';
import type { Peer } from './peers/peer.js';
import { OTHER_CPU_MAX, quietMachine } from './quiet-machine.js';
import type { Measurement, Scenario } from './scenario.js';

/** What a run needs besides scenarios and peers. */
export interface BenchContext {
  readonly pool: ChildPool;
  readonly driver: LoadDriver;
  /** A directory that is removed afterwards. */
  readonly directory: string;
  /** Where the project is. */
  readonly rootDirectory: string;
  readonly brokerCpu: number | undefined;
  readonly loadCpu: number | undefined;
  /** How long a measurement may wait for the machine to be quiet, in milliseconds. */
  readonly quietMsMax: number;
  readonly print: (line: string) => void;
}

/**
 * Measures every peer in every scenario. Within a scenario the peers take turns round after round, so that
 * whatever else the machine does hits all of them alike.
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  peers: readonly Peer[],
  rounds: number,
  context: BenchContext,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of scenarios) {
    context.print(`\n${scenario.name}: ${scenario.title}`);
    const taking = peers.filter(({ name }) => scenario.peers?.includes(name) ?? true);
    for (let round = 1; round <= (scenario.rounds ?? rounds); round++) {
      for (const peer of taking) {
        const outcome = await measureOnce(scenario, peer, ownLoadProgram(), context);
        measurements.push({ scenario: scenario.name, peer: peer.name, round, ...outcome });
        context.print(`  round ${round}  ${peer.name.padEnd(10)} ${outcomeText(scenario, outcome)}`);
      }
    }
  }
  return measurements;
}

/** Starts the peer afresh, drives the load once, and stops it again; a failure is a value. */
export async function measureOnce(
  scenario: Scenario,
  peer: Peer,
  program: LoadProgram,
  context: BenchContext,
): Promise<LoadOutcome> {
  const directory = join(context.directory, `${peer.name}-${process.hrtime.bigint()}`);
  mkdirSync(directory, { recursive: true });
  await quietMachine(context.quietMsMax);
  const settings = scenario.settings?.[peer.name] ?? {};
  const { transport = 'tcp' } = scenario;
  const procedure = scenario.procedures?.[peer.name];
  try {
    if (procedure !== undefined) return await procedure({ ...context, directory, scenario, peer });
    if (peer.start === undefined) return { values: {}, failure: 'there is nothing to drive a load against' };
    const running = await peer.start(
      { pool: context.pool, directory, cpu: context.brokerCpu, transport },
      settings,
    );
    try {
      return await context.driver.drive(
        program,
        transport === 'tcp' ? scenario.load : { ...scenario.load, transport },
        running,
      );
    } finally {
      await running.stop();
    }
  } catch (error) {
    return { values: {}, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    // A broker that didn't get ready is still in the pool.
    await context.pool.stopAll();
    await removeDirectory(directory);
  }
}

/** A database's files are large, and not needed for the next measurement. */
async function removeDirectory(directory: string): Promise<void> {
  endServersBelow(directory);
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function outcomeText(scenario: Scenario, { values, failure }: LoadOutcome): string {
  const figures = scenario.figures
    .filter((figure) => values[figure.key] !== undefined)
    .map((figure) => `${figure.label} ${values[figure.key]!.toFixed(figure.digits)}`);
  const other = values['other_cpu'] ?? 0;
  if (other > OTHER_CPU_MAX) figures.push(`(others used ${other.toFixed(2)} CPU)`);
  return [...figures, ...(failure === undefined ? [] : [`FAILED: ${failure}`])].join('  ');
}
