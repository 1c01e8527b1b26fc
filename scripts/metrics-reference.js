/** Writes docs/metrics.md from the definitions of the metrics. Exit codes: 0 written, 1 the build failed. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { buildIfStale } from './build-if-stale.js';

const { exitCode } = buildIfStale();
if (exitCode === 0) {
  const { metricsReference } = await import('../dist/adapters/prometheus/metrics-reference.js');
  writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsReference());
}
process.exitCode = exitCode;
