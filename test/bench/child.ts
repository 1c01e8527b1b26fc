import { spawn, type ChildProcess } from 'node:child_process';

/** How to start a child process. */
export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The one CPU that it may use; undefined: any. */
  readonly cpu?: number | undefined;
}

/** How a child ended: its exit code (null after a signal) and what it had printed. */
export interface ChildEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const OUTPUT_CHARS_MAX = 64 * 1024;
const STOP_MS_MAX = 5_000;

/** One child process; its output is kept, and its standard input stays open as long as we live. */
export class Child {
  /** Settles when the process is gone, also when it could not be started. */
  readonly ended: Promise<ChildEnd>;
  private readonly process: ChildProcess;
  private stdout = '';
  private stderr = '';
  private isGone = false;
  private wake: () => void = () => undefined;

  constructor({ command, args, env, cpu }: ChildSpec) {
    const pinned = cpu === undefined ? [] : ['taskset', '-c', String(cpu)];
    const [program, ...rest] = [...pinned, command, ...args];
    this.process = spawn(program!, rest, { env: { ...process.env, ...env }, stdio: 'pipe' });
    this.process.stdin?.on('error', () => undefined);
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout = (this.stdout + text).slice(-OUTPUT_CHARS_MAX);
      this.wake();
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-OUTPUT_CHARS_MAX);
    });
    this.ended = new Promise((resolve) => {
      const gone = (code: number | null): void => {
        this.isGone = true;
        this.wake();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      };
      this.process.once('close', gone);
      this.process.once('error', (error) => {
        this.stderr += error.message;
        gone(null);
      });
    });
  }

  /** The process id; `taskset` gives way to the pinned program under the same id. */
  get pid(): number {
    return this.process.pid ?? 0;
  }

  get isRunning(): boolean {
    return !this.isGone;
  }

  /**
   * Waits for a match in what the child printed to standard output.
   * @throws Error when the child ends or the time is over first.
   */
  async printed(pattern: RegExp, msMax: number): Promise<RegExpMatchArray> {
    const deadline = performance.now() + msMax;
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      const left = deadline - performance.now();
      if (this.isGone) throw new Error(`it ended early: ${this.lastWords()}`);
      if (left <= 0) throw new Error(`not ready after ${msMax} ms: ${this.lastWords()}`);
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  /** Waits for the end; kills the child when it takes longer than `msMax`. */
  async finish(msMax: number): Promise<ChildEnd> {
    const late = setTimeout(() => this.kill(), msMax);
    const end = await this.ended;
    clearTimeout(late);
    return end;
  }

  /** Asks the child to end, and kills it when it doesn't within `msMax`. */
  async stop(msMax = STOP_MS_MAX): Promise<void> {
    if (this.isGone) return;
    this.process.kill('SIGTERM');
    await this.finish(msMax);
  }

  /** Sends it a signal that doesn't end it. */
  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Ends the child at once, without waiting. */
  kill(): void {
    if (!this.isGone) this.process.kill('SIGKILL');
  }

  /** What it printed to standard error, cut to the line that names an error or else the last ones. */
  lastWords(): string {
    const lines = this.stderr.trim().split('\n');
    const error = lines.find((line) => /error/i.test(line));
    return (error ?? lines.slice(-3).join(' / ')) || 'nothing on standard error';
  }
}
