import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const stopMsMax = 10_000;

/** After a run: stops its database server, if a test has started one, and removes the server's files. */
export default async function tearDownDatabaseRun() {
  const directory = process.env.SURETY_TEST_DATABASE_DIR;
  if (directory === undefined) return;
  const record = join(directory, 'server.json');
  if (existsSync(record)) {
    const { pid } = JSON.parse(readFileSync(record, 'utf8'));
    const deadline = Date.now() + stopMsMax;
    // Fast shutdown; the tests' connections, if any are left, are cut.
    for (let signal = 'SIGINT'; isThere(pid, signal) && Date.now() < deadline; signal = 0) await delay(10);
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

function isThere(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
