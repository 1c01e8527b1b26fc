import { type CliActions, runCli } from '../../src/adapters/cli/cli.js';
import type { CliOutput } from '../../src/adapters/cli/terminal-output.js';
import { NO_ACTIONS } from './no-cli-actions.js';

/** What a command came to. */
export interface CommandOutcome {
  readonly exitCode: number;
  /** With what was streamed. */
  readonly out: string;
  readonly err: string;
}

/** What differs from a terminal where nobody watches and a password is typed. */
export interface TerminalTraits extends Partial<Pick<CliOutput, 'askPassword' | 'progress'>> {
  /** Texts of a stream that are read before the reader goes away. */
  readonly readsMax?: number;
}

/** Runs a command line with these actions. */
export async function runCommand(
  args: readonly string[],
  actions: Partial<CliActions>,
  { askPassword = () => Promise.resolve('typed'), progress, readsMax = Infinity }: TerminalTraits = {},
): Promise<CommandOutcome> {
  const written = { out: '', err: '' };
  let reads = 0;
  const stream = (text: string): Promise<boolean> => {
    written.out += text;
    return Promise.resolve(++reads < readsMax);
  };
  const exitCode = await runCli(
    args,
    { ...NO_ACTIONS, ...actions },
    {
      out: (text) => (written.out += text),
      err: (text) => (written.err += text),
      bytes: (bytes) => (written.out += Buffer.from(bytes).toString()),
      stream,
      screen: stream,
      progress,
      askPassword,
    },
  );
  return { exitCode, ...written };
}
