import { machineCpuSeconds } from './load/cpu-seconds.js';

/** What other processes may use, in cores, before a measurement counts as disturbed. */
export const OTHER_CPU_MAX = 0.1;

const SAMPLE_MS = 1_000;

/**
 * Waits until the machine has had nothing to do for a second, or for `msMax` at most; where it can't be told
 * what the machine does, not at all.
 */
export async function quietMachine(msMax: number): Promise<void> {
  const deadline = performance.now() + msMax;
  while (performance.now() < deadline) {
    const startMs = performance.now();
    const before = machineCpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    const after = machineCpuSeconds();
    if (before === undefined || after === undefined) return;
    if (after - before <= (OTHER_CPU_MAX * (performance.now() - startMs)) / 1000) return;
  }
}
