import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** A process of the suite, and the messages that come from it. */
export class Child {
  readonly process: ChildProcess;
  private readonly waiting: ((message: unknown) => void)[] = [];
  private readonly messages: unknown[] = [];
  private end: Error | undefined;
  private readonly failures: ((error: Error) => void)[] = [];

  constructor(root: string, args: readonly string[]) {
    this.process = fork(join(root, 'scripts/hostile-process.js'), [...args], { stdio: 'inherit' });
    this.process.on('message', (message) => {
      const taker = this.waiting.shift();
      if (taker === undefined) this.messages.push(message);
      else taker(message);
    });
    this.process.on('exit', (code) => {
      this.end = new Error(`the process ${args[0]} has ended with ${code}`);
      for (const fail of this.failures.splice(0)) fail(this.end);
    });
  }

  /** The next message. @throws Error when the process ends before. */
  message(): Promise<unknown> {
    const [first] = this.messages.splice(0, 1);
    if (first !== undefined) return Promise.resolve(first);
    if (this.end !== undefined) return Promise.reject(this.end);
    return new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      this.failures.push(reject);
    });
  }

  ask(): Promise<unknown> {
    this.process.send('report');
    return this.message();
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}
