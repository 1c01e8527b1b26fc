/**
 * `npm start`: builds what is stale, then runs `surety start` with the arguments behind `--`.
 * In this very process: a second one would get each Ctrl-C of a terminal twice, and its exit code
 * and output would have to be passed on.
 */
import process from 'node:process';
import { buildIfStale } from './build-if-stale.js';

const { exitCode } = buildIfStale();
if (exitCode === 0) {
  process.argv.splice(2, 0, 'start');
  await import('../bin/surety.js');
} else {
  console.error('surety: the sources do not compile, so the broker was not started');
  process.exitCode = exitCode;
}
