import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSecondsOf } from '../load/cpu-seconds.js';

const IDLE_MS_MAX = 10_000;
const SAMPLE_MS = 500;
const IDLE_CPU_MAX = 0.02;
const COLLECT_MS_MAX = 5_000;
/** The system takes back what V8 has given up a little later. */
const SETTLE_MS = 300;

/** The environment of a broker whose memory is read by `residentMb`. */
export function memoryEnvironment(directory: string): Record<string, string> {
  const hook = new URL('../programs/collect-garbage.js', import.meta.url).href;
  return { NODE_OPTIONS: `--expose-gc --import ${hook}`, BENCH_MEMORY_FILE: memoryFile(directory) };
}

/**
 * Waits until the broker and its database have nothing to do, has the broker collect its garbage, and reads its
 * resident memory, in MB of 10^6 bytes.
 * @throws Error when the broker doesn't answer.
 */
export async function residentMb(pid: number, directory: string): Promise<number> {
  await idle(pid);
  const file = memoryFile(directory);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadline = performance.now() + COLLECT_MS_MAX;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error('the broker did not collect its garbage');
    await sleep(SETTLE_MS);
  }
  await sleep(SETTLE_MS);
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

async function idle(pid: number): Promise<void> {
  const deadline = performance.now() + IDLE_MS_MAX;
  while (performance.now() < deadline) {
    const before = cpuSecondsOf(pid);
    await sleep(SAMPLE_MS);
    const after = cpuSecondsOf(pid);
    if (before === undefined || after === undefined) return;
    if ((after - before) * 1000 <= IDLE_CPU_MAX * SAMPLE_MS) return;
  }
}

function memoryFile(directory: string): string {
  return join(directory, 'memory.json');
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
