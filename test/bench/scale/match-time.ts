import { fileURLToPath } from 'node:url';
import { parseResultLine } from '../load-driver.js';
import type { Procedure, ProcedureContext } from '../procedure.js';

const TASK_MS_MAX = 120_000;

/** The counts of subscriptions that a match is timed with, and the key of each time. */
export const MATCH_COUNTS: readonly (readonly [key: string, count: number])[] = [
  ['us_10', 10],
  ['us_1k', 1000],
  ['us_100k', 100_000],
  ['us_1m', 1_000_000],
];

/** Times a match with ever more subscriptions of one kind; `growth` is the last time over that with a thousand. */
export const matchTime =
  (kind: string): Procedure =>
  async (context) => {
    const values: Record<string, number> = {};
    for (const [key, count] of MATCH_COUNTS) {
      const { match_us: us = NaN } = await runTask(context, 'time', kind, count);
      values[key] = us;
    }
    values['growth'] = (values['us_1m'] ?? NaN) / (values['us_1k'] ?? NaN);
    return { values };
  };

/** What a subscription takes in the trie, with its filter's text. */
export const trieMemory =
  (kind: string, count: number): Procedure =>
  async (context) => ({ values: await runTask(context, 'memory', kind, count) });

async function runTask(
  { pool, rootDirectory, brokerCpu }: ProcedureContext,
  task: string,
  kind: string,
  count: number,
): Promise<Record<string, number>> {
  const program = fileURLToPath(new URL('../programs/match-time.js', import.meta.url));
  const args = ['--expose-gc', program, rootDirectory, task, kind, String(count)];
  const child = pool.start({ command: process.execPath, args, cpu: brokerCpu });
  const { code, stdout } = await child.finish(TASK_MS_MAX);
  if (code !== 0) throw new Error(`match-time ended with ${code}: ${child.lastWords()}`);
  return parseResultLine(stdout);
}
