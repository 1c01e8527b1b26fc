import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Before a run: names the directory of its database server. The first test that asks for a database makes it and
 * starts the server; a run without such tests pays nothing.
 */
export default function setUpDatabaseRun() {
  const name = `surety-test-${randomBytes(6).toString('hex')}`;
  process.env.SURETY_TEST_DATABASE_DIR = join(tmpdir(), name);
  process.env.SURETY_TEST_RUN_PID = String(process.pid);
}
