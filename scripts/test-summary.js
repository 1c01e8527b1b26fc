/**
 * A Jest reporter for runs that nobody watches. It writes the counts of the run to the file in `TEST_SUMMARY_FILE`,
 * as `passed failed skipped`, and ends a run that doesn't end by itself.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

/** What a run may take to clean up behind the last test, in milliseconds. */
const CLEANUP_MS_MAX = 30_000;

/**
 * Counts tests. A test file that could not run at all, whose tests nobody knows, counts as one failure.
 *
 * @param {import('@jest/test-result').AggregatedResult} results What Jest hands over when all files are done.
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countsOf(results) {
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

export default class TestSummary {
  constructor({ watch = false, watchAll = false } = {}) {
    this.endsByItself = !watch && !watchAll;
  }

  onRunComplete(_contexts, results) {
    const file = process.env.TEST_SUMMARY_FILE;
    if (file !== undefined && file !== '') {
      const { passed, failed, skipped } = countsOf(results);
      writeFileSync(file, `${passed} ${failed} ${skipped}\n`);
    }
    if (this.endsByItself) setTimeout(endHungRun, CLEANUP_MS_MAX).unref();
  }
}

/** Only something that a test has left open keeps the process alive until then: that is a failure. */
function endHungRun() {
  const left = process.getActiveResourcesInfo().filter((kind) => kind !== 'TTYWrap' && kind !== 'PipeWrap');
  console.error(`The tests have left open: ${left.join(', ')}. Ending the run.`);
  process.exit(1);
}
