/** The program of a thread that checks passwords, one after the other. See `HashingThreads`. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { HashingJob } from './hashing-threads.js';
import { verifyPassword } from './password-hash.js';

const LOWEST_PRIORITY = 19;

// Elsewhere it would be the priority of the whole process.
if (process.platform === 'linux') lowerPriority();

parentPort?.on('message', ({ stored, password }: HashingJob) => {
  parentPort?.postMessage(verifyPassword(stored, password));
});

/** On Linux, 0 stands for the calling thread. */
function lowerPriority(): void {
  try {
    setPriority(0, LOWEST_PRIORITY);
  } catch {
    // Where a sandbox forbids it, passwords are checked all the same.
  }
}
