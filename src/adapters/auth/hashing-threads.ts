import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { AuthenticationBusy } from '../../application/ports/authentication-provider.js';
import type { PasswordHash } from './password-hash.js';
import type { PasswordVerifier } from './password-verifier.js';

/** What a thread is asked; it answers with a boolean. */
export interface HashingJob {
  readonly stored: PasswordHash;
  readonly password: Uint8Array;
}

const PROGRAM = new URL('./hashing-thread.js', import.meta.url);

/**
 * Threads that do nothing but hash, at the lowest priority: the event loop has a processor as soon as it wants one, which
 * the thread pool of Node.js wouldn't let it have. A thread starts when it is needed first, and a new one takes the place of
 * one that has died; they keep nobody from ending, and end with the process.
 */
export class HashingThreads implements PasswordVerifier {
  private readonly all = new Set<Worker>();
  private readonly idle: Worker[] = [];
  private isStopped = false;

  /** The program of a thread and its options are for tests, which run it from its source. */
  constructor(
    private readonly program = PROGRAM,
    private readonly options: WorkerOptions = {},
  ) {}

  /** Each call that is under way has a thread of its own: the caller bounds how many there are. */
  async verify(stored: PasswordHash, password: Uint8Array): Promise<boolean> {
    if (this.isStopped) throw new AuthenticationBusy('the broker stops');
    const thread = this.idle.pop() ?? this.startThread();
    const isRight = await answerOf(thread, { stored, password }).catch((error: unknown) => {
      throw this.isStopped ? new AuthenticationBusy('the broker stops') : error;
    });
    this.idle.push(thread);
    return isRight;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.all].map((thread) => thread.terminate()));
  }

  private startThread(): Worker {
    const thread = new Worker(this.program, this.options);
    thread.unref();
    this.all.add(thread);
    thread.on('error', () => undefined); // Whoever waits for an answer is told; nobody else minds.
    thread.once('exit', () => {
      this.all.delete(thread);
      const place = this.idle.indexOf(thread);
      if (place >= 0) this.idle.splice(place, 1);
    });
    return thread;
  }
}

/** @throws Error when the thread ends without an answer. */
async function answerOf(thread: Worker, job: HashingJob): Promise<boolean> {
  const settled = new AbortController();
  const { signal } = settled;
  // It throws what the thread has thrown.
  const answer = once(thread, 'message', { signal }).then(([isRight]) => isRight === true);
  const end = once(thread, 'exit', { signal }).then(([code]) => {
    throw new Error(`the thread that checks passwords has ended with code ${code}`);
  });
  try {
    thread.postMessage(job);
    return await Promise.race([answer, end]);
  } finally {
    settled.abort();
    await Promise.allSettled([answer, end]);
  }
}
