import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { waitUntil, withinMs } from './wait-until.js';

/** A client program that runs as a process of its own and reports on standard output, a line a time. */
export interface ClientProgram {
  /** Settles with the exit code, null after a signal, once all its output is read; never rejects. */
  readonly ended: Promise<number | null>;
  readonly hasEnded: boolean;
  signal(name: NodeJS.Signals): void;
  /** Both outputs up to now, for error messages. */
  transcript(): string;
  /**
   * Waits for something that the program's lines bring about.
   *
   * @throws Error with the transcript when the program ends first, or after ten seconds.
   */
  waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void>;
}

const running = new Set<ClientProgram>();

/**
 * Starts a program, with `input` as all of its standard input.
 *
 * @param onLine Gets each line of standard output, in order.
 */
export function startClientProgram(
  command: readonly [string, ...string[]],
  onLine: (line: string) => void,
  input = '',
): ClientProgram {
  const [executable, ...args] = command;
  const child = spawn(executable, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.push(line);
    onLine(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text.trimEnd()));
  // A program that ends early closes its input: what it says then matters, not the broken pipe.
  child.stdin.on('error', () => undefined).end(input);
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => output.push(String(error)));
    child.once('close', (code) => {
      hasEnded = true;
      running.delete(program);
      resolve(code);
    });
  });
  const program: ClientProgram = {
    ended,
    get hasEnded() {
      return hasEnded;
    },
    signal: (name) => void child.kill(name),
    transcript: () => [command.join(' ').slice(0, 300), ...output].join('\n'),
    waitUntil: async (condition, what) => {
      try {
        await waitUntil(async () => (await condition()) || hasEnded, what);
      } catch (error) {
        throw new Error(`gave up waiting for ${what}\n${program.transcript()}`, { cause: error });
      }
      if (!(await condition())) throw new Error(`ended without ${what}\n${program.transcript()}`);
    },
  };
  running.add(program);
  return program;
}

/**
 * Runs a program to its end.
 *
 * @throws Error with the transcript when its exit code isn't 0, or after ten seconds.
 */
export async function runClientProgram(command: readonly [string, ...string[]], input = ''): Promise<void> {
  const program = startClientProgram(command, () => undefined, input);
  const code = await withinMs(program.ended, `${command[0]} to end`).catch((error: unknown) => {
    program.signal('SIGKILL');
    throw new Error(`${String(error)}\n${program.transcript()}`);
  });
  if (code !== 0) throw new Error(`exit code ${String(code)}\n${program.transcript()}`);
}

/** Kills every program that a test has left running. */
export async function killClientPrograms(): Promise<void> {
  const ends = [...running].map((program) => {
    program.signal('SIGKILL');
    return program.ended;
  });
  await withinMs(Promise.all(ends), 'killed client programs to end');
}
