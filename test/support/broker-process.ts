import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { withinMs } from './wait-until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = join(ROOT, 'bin', 'surety.js');
const ENTRY = join(ROOT, 'dist', 'main.js');
const READY_LINE = /^(surety \S+ listening on mqtt:\/\/(\S+):(\d+)\b.*)\n/m;
const STOP_MS_MAX = 15_000;

/** How a process ended: by itself with a code, or by a signal; the other one is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A `surety` command that is running, or has run. */
export interface SuretyProcess {
  readonly pid: number;
  /** Settles once the process is gone and all its output is read; never rejects. */
  readonly exited: Promise<ProcessEnd>;
  /** All of standard output up to now. */
  stdout(): string;
  /** All of standard error up to now. */
  stderr(): string;
  /** Sends a signal; does nothing when the process is gone. */
  signal(name: NodeJS.Signals): void;
}

/** A broker that has said that it is ready. */
export interface BrokerProcess extends SuretyProcess {
  readonly readyLine: string;
  readonly host: string;
  readonly port: number;
  /** Ends the broker with SIGTERM, and with SIGKILL if that takes over 15 seconds. */
  stop(): Promise<ProcessEnd>;
}

/** What the process gets beside the defaults: a free loopback port, data in memory, errors only in the log. */
export interface SuretyProcessOptions {
  /** Set over the defaults. No `SURETY_*` variable of the test run itself is handed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments that follow `start`. */
  readonly args?: readonly string[];
  /** Milliseconds that a start may take. */
  readonly readyMsMax?: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Spawned extends SuretyProcess {
  readonly child: Child;
  readonly ready: Promise<RegExpExecArray>;
}

const running = new Map<Child, Promise<ProcessEnd>>();
const folders: string[] = [];

/**
 * Starts `surety start` and waits for its ready line.
 *
 * @throws Error with all that the process wrote, when it ends before it is ready or takes too long.
 */
export async function startBrokerProcess(options: SuretyProcessOptions = {}): Promise<BrokerProcess> {
  const broker = spawnSurety(['start', ...(options.args ?? [])], options);
  const outcome = await withinMs(
    Promise.race([broker.ready, broker.exited]),
    'the ready line',
    options.readyMsMax ?? 15_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${transcript(broker)}`);
  });
  if ('code' in outcome) throw new Error(`surety ended before it was ready\n${transcript(broker)}`);
  const [, readyLine = '', host = '', port = ''] = outcome;
  return { ...broker, readyLine, host, port: Number(port), stop: () => stop(broker.child, broker.exited) };
}

/**
 * Runs `surety` with these arguments to its end; for starts that have to fail, and for commands.
 *
 * @param runMsMax Milliseconds before it is killed.
 * @throws Error when it is still running then.
 */
export async function runSurety(
  args: readonly string[],
  options: SuretyProcessOptions = {},
  runMsMax = 15_000,
): Promise<ProcessEnd & { readonly stdout: string; readonly stderr: string }> {
  const command = spawnSurety(args, options);
  const end = await withinMs(command.exited, `surety ${args.join(' ')} to end`, runMsMax).catch(
    (error: unknown) => {
      command.signal('SIGKILL');
      throw new Error(`${String(error)}\n${transcript(command)}`);
    },
  );
  return { ...end, stdout: command.stdout(), stderr: command.stderr() };
}

/** An empty folder outside the project, gone after {@link endBrokerProcesses}. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'surety-test-'));
  folders.push(folder);
  return folder;
}

/**
 * Ends what a test has left running and removes its folders; call it in `afterEach` or `afterAll`.
 * The broker is asked first, so that it can stop a database server of its own.
 */
export async function endBrokerProcesses(): Promise<void> {
  await Promise.all([...running].map(([child, exited]) => stop(child, exited)));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function spawnSurety(args: readonly string[], options: SuretyProcessOptions): Spawned {
  for (const file of [COMMAND, ENTRY]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first`);
  }
  const folder = temporaryFolder();
  const child: Child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: environment(folder, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('node could not be started');
  const output = { stdout: '', stderr: '' };
  const ready = new Promise<RegExpExecArray>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      const match = READY_LINE.exec(output.stdout);
      if (match) resolve(match);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return {
    child,
    pid: child.pid,
    ready,
    exited: endOf(child),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (name) => void child.kill(name),
  };
}

function endOf(child: Child): Promise<ProcessEnd> {
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  running.set(child, exited);
  return exited;
}

/** Only what the test says decides how the broker runs, never the shell that runs the tests. */
function environment(folder: string, over: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SURETY_'));
  return {
    ...Object.fromEntries(inherited),
    SURETY_HOST: '127.0.0.1',
    SURETY_PORT: '0',
    SURETY_PERSISTENCE: 'memory',
    SURETY_DATA_DIR: join(folder, 'data'),
    SURETY_LOG_LEVEL: 'error',
    ...over,
  };
}

async function stop(child: Child, exited: Promise<ProcessEnd>): Promise<ProcessEnd> {
  child.kill('SIGTERM');
  try {
    return await withinMs(exited, 'the broker to stop', STOP_MS_MAX);
  } catch {
    child.kill('SIGKILL');
    return exited;
  }
}

function transcript(command: SuretyProcess): string {
  return `--- stdout\n${command.stdout()}\n--- stderr\n${command.stderr()}`;
}
