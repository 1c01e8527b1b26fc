import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseResultLine } from '../load-driver.js';
import type { ProcedureContext } from '../procedure.js';

const TASK_MS_MAX = 60_000;

/**
 * Does one task of `programs/database-task` on the data directory of a broker that doesn't run, in a process of its own.
 * @returns The numbers that it printed.
 * @throws Error with its last words when it fails.
 */
export async function databaseTask(
  { pool, rootDirectory, directory }: Pick<ProcedureContext, 'pool' | 'rootDirectory' | 'directory'>,
  task: string,
  ...numbers: readonly number[]
): Promise<Record<string, number>> {
  const program = fileURLToPath(new URL('../programs/database-task.js', import.meta.url));
  const args = [program, rootDirectory, join(directory, 'data'), task, ...numbers.map(String)];
  const child = pool.start({ command: process.execPath, args });
  const { code, stdout } = await child.finish(TASK_MS_MAX);
  if (code !== 0) throw new Error(`${task} ended with ${code}: ${child.lastWords()}`);
  return parseResultLine(stdout);
}
