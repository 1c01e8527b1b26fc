/** A Jest reporter that writes the counts of a run to the file in `TEST_SUMMARY_FILE`, as `passed failed skipped`. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

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
  onRunComplete(_contexts, results) {
    const file = process.env.TEST_SUMMARY_FILE;
    if (file === undefined || file === '') return;
    const { passed, failed, skipped } = countsOf(results);
    writeFileSync(file, `${passed} ${failed} ${skipped}\n`);
  }
}
