import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Before a run: names the directory of its database server. The first test that asks for a database starts
 * the server; a run without such tests pays for an empty directory.
 */
export default function setUpDatabaseRun() {
  process.env.SURETY_TEST_DATABASE_DIR = mkdtempSync(join(tmpdir(), 'surety-test-'));
  process.env.SURETY_TEST_RUN_PID = String(process.pid);
}
