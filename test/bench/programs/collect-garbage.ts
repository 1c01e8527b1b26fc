import { writeFileSync } from 'node:fs';

/**
 * Loaded into a broker before its own program, with `--expose-gc`: at SIGUSR2 it collects all garbage twice and writes
 * what is left to the file that BENCH_MEMORY_FILE names, so that two brokers are compared by what they hold, not by
 * when V8 found it time to collect.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  setImmediate(() => {
    globalThis.gc?.();
    const path = process.env['BENCH_MEMORY_FILE'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(process.memoryUsage()));
  });
});
