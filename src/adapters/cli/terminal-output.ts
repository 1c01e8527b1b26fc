import type { Writable } from 'node:stream';
import { askPassword } from './password-prompt.js';

/** Where the command line writes. */
export interface CliOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** For what isn't text. */
  readonly bytes?: (bytes: Uint8Array) => void;
  /** For much text: resolves when there is room for more, with false once nobody reads any longer. */
  readonly stream: (text: string) => Promise<boolean>;
  /** Asks for a password: on a terminal twice and unseen, else the first line of the standard input. */
  readonly askPassword: () => Promise<string>;
  /** Shows a line in the place of the last one; undefined where nobody watches. */
  readonly progress: ((text: string) => void) | undefined;
}

const CLEAR_LINE = '\r\u001b[K';

/** The process's own standard output and error. */
export function terminalOutput(out: Writable = process.stdout, err = process.stderr): CliOutput {
  return {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    bytes: (bytes) => out.write(bytes),
    stream: streamTo(out),
    askPassword: () => askPassword(process.stdin, process.stderr),
    progress: err.isTTY ? (text) => err.write(`${CLEAR_LINE}${text}`) : undefined,
  };
}

/** Whoever reads may go away at any time, as `head` does: that is no fault. */
function streamTo(out: Writable): (text: string) => Promise<boolean> {
  let state: 'unused' | 'open' | 'closed' = 'unused';
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const watch = (): void => {
    state = 'open';
    out.on('drain', () => wake());
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') failure = error;
      state = 'closed';
      wake();
    });
  };
  return async (text) => {
    if (state === 'unused') watch();
    if (state === 'open' && !out.write(text)) await new Promise<void>((resolve) => (wake = resolve));
    if (failure !== undefined) throw failure;
    return state === 'open';
  };
}
