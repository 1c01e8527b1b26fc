import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../support/wait-until.js';

const READY_LINE = /^surety \S+ listening on mqtt:\/\/127\.0\.0\.1:(\d+)\b.*\n/m;
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 15_000;
const LOG_CHARS_MAX = 200_000;

/** A broker process with its data directory, to be killed and started again. */
export class BrokerUnderTest {
  /** The end of what all its runs have written to stderr. */
  log = '';
  port: number | undefined;
  private child: ChildProcess | undefined;
  /** What the last run has written to stdout. */
  output = '';

  /**
   * @param root Where `bin/surety.js` is.
   * @param env Set over the environment, from which all `SURETY_*` variables are left out.
   * @param args Follow `start`.
   */
  constructor(
    private readonly root: string,
    readonly dataDir: string,
    private readonly env: Readonly<Record<string, string>> = {},
    private readonly args: readonly string[] = [],
  ) {}

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it and doesn't wait. */
  launch(): void {
    this.output = '';
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SURETY_'));
    const child = spawn(process.execPath, [join(this.root, 'bin/surety.js'), 'start', ...this.args], {
      cwd: this.dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(inherited),
        SURETY_HOST: '127.0.0.1',
        SURETY_PORT: '0',
        SURETY_DATA_DIR: join(this.dataDir, 'data'),
        SURETY_LOG_LEVEL: 'warn',
        ...this.env,
      },
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log = (this.log + text).slice(-LOG_CHARS_MAX);
    });
    this.child = child;
  }

  /** Starts it and waits until it listens. @throws Error with its log, when it ends before. */
  async start(): Promise<number> {
    if (!this.isRunning) this.launch();
    let port: string | undefined;
    await waitUntil(
      () => {
        if (!this.isRunning) throw new Error(`the broker has ended at its start:\n${this.log.slice(-5000)}`);
        port = READY_LINE.exec(this.output)?.[1];
        return port !== undefined;
      },
      'the broker to be ready',
      START_MS_MAX,
    );
    this.port = Number(port);
    return this.port;
  }

  async kill(): Promise<void> {
    this.port = undefined;
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    child.kill('SIGKILL');
    await waitUntil(() => !this.isRunning, 'the killed broker to be gone');
  }

  /** Ends it in good order. @returns its exit code. */
  async stop(): Promise<number | null> {
    this.port = undefined;
    if (this.child === undefined) return null;
    this.child.kill('SIGTERM');
    await waitUntil(() => !this.isRunning, 'the broker to stop', STOP_MS_MAX);
    return this.child.exitCode;
  }

  /** The postmaster of the embedded server; undefined while there is none. */
  postmaster(): number | undefined {
    const cluster = join(this.dataDir, 'data', 'postgres');
    try {
      const pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
      return nameOf(pid) === 'postgres' ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** The postmaster and its children; the postmaster comes first. */
  postgresProcesses(): number[] {
    const postmaster = this.postmaster();
    return postmaster === undefined ? [] : [postmaster, ...childrenOf(postmaster)];
  }

  /** Ends whatever is left, also from an exit handler. */
  killAll(): void {
    const processes = this.postgresProcesses();
    if (this.isRunning) this.child?.kill('SIGKILL');
    signalAll(processes, 'SIGKILL');
  }
}

/** Sends a signal to all that are still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone by itself.
    }
  }
}

/** Processes whose parent is `parent`. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
