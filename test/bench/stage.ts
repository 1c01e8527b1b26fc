import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildPool } from './child-pool.js';
import { endServersBelow } from './leftover-servers.js';
import { choosePinning, commitOf, describeMachine, type Machine, type Pinning } from './machine.js';

/** Where measurements are made. */
export interface Stage {
  readonly pool: ChildPool;
  /** A directory that is removed afterwards. */
  readonly directory: string;
  /** Where the project is. */
  readonly rootDirectory: string;
  readonly machine: Machine;
  /** Undefined where broker and load generator can't be held to a CPU each, or shouldn't. */
  readonly pinning: Pinning | undefined;
  readonly commit: string | undefined;
  /** How long a measurement may wait for the machine to be quiet, in milliseconds. */
  readonly quietMsMax: number;
  readonly print: (text: string) => void;
}

/** What a stage is set up with. */
export interface StageOptions {
  readonly rootDirectory: string;
  readonly isPinned: boolean;
  readonly quietWaitSeconds: number;
}

/** Sets the stage, and leaves neither processes nor files behind. */
export async function onStage(
  { rootDirectory, isPinned, quietWaitSeconds }: StageOptions,
  act: (stage: Stage) => Promise<number>,
): Promise<number> {
  const pool = new ChildPool();
  const directory = mkdtempSync(join(tmpdir(), 'surety-bench-'));
  process.on('exit', () => {
    pool.killAll();
    endServersBelow(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  try {
    return await act({
      ...{ pool, directory, rootDirectory, print },
      machine: describeMachine(),
      pinning: isPinned ? choosePinning() : undefined,
      commit: commitOf(rootDirectory),
      quietMsMax: quietWaitSeconds * 1000,
    });
  } finally {
    await pool.stopAll();
  }
}

/** Writes a line to standard output. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
