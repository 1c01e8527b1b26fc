import type { Writable } from 'node:stream';
import { askPassword } from './password-prompt.js';
import { forTerminal } from './terminal-text.js';

/** Where the command line writes. Whoever reads may go away at any time, as `head` does: that is no fault. */
export interface CliOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** For what isn't text; on a terminal it is shown as if it were. */
  readonly bytes: (bytes: Uint8Array) => void;
  /** For much text: resolves when there is room for more, with false once nobody reads any longer. */
  readonly stream: (text: string) => Promise<boolean>;
  /** The same; on a terminal, in the place of all that was shown. */
  readonly screen: (text: string) => Promise<boolean>;
  /** Asks for a password: on a terminal twice and unseen, else the first line of the standard input. */
  readonly askPassword: () => Promise<string>;
  /** Shows a line in the place of the last one; undefined where nobody watches. */
  readonly progress: ((text: string) => void) | undefined;
}

/** For commands that are told of and not run: nothing is written anywhere, and no stream is listened to. */
export const NO_OUTPUT: CliOutput = {
  out: () => undefined,
  err: () => undefined,
  bytes: () => undefined,
  stream: () => Promise.resolve(false),
  screen: () => Promise.resolve(false),
  askPassword: () => Promise.resolve(''),
  progress: undefined,
};

/** A stream that a terminal may be at the end of. */
type Output = Writable & { readonly isTTY?: boolean };

const CLEAR_LINE = '\r\u001b[K';
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** The process's own standard output and error. What a terminal gets is text alone: names and payloads are others' texts. */
export function terminalOutput(out: Output = process.stdout, err: Output = process.stderr): CliOutput {
  const [answers, remarks] = [new Sink(out), new Sink(err)];
  const isTerminal = out.isTTY === true;
  return {
    out: (text) => void answers.write(text),
    err: (text) => void remarks.write(text),
    bytes: (bytes) => void answers.write(isTerminal ? Buffer.from(bytes).toString() : bytes),
    stream: (text) => answers.stream(text),
    screen: (text) => answers.stream(text, isTerminal ? HOME_AND_CLEAR : ''),
    askPassword: () => askPassword(process.stdin, process.stderr),
    progress: err.isTTY === true ? (text) => void remarks.write(text, CLEAR_LINE) : undefined,
  };
}

/** One of the two streams. */
class Sink {
  private isOpen = true;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly target: Output) {
    target.on('drain', () => this.wake());
    // Without a listener, a reader that has gone would be the end of the process.
    target.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.failure = error;
      this.isOpen = false;
      this.wake();
    });
  }

  /** @param control What a terminal is told, in front of the text. @returns whether there is room for more. */
  write(content: string | Uint8Array, control = ''): boolean {
    if (this.failure !== undefined) throw this.failure;
    if (!this.isOpen) return true;
    const isText = typeof content === 'string';
    return this.target.write(isText ? control + this.shown(content) : content);
  }

  async stream(text: string, control?: string): Promise<boolean> {
    if (!this.write(text, control)) await new Promise<void>((resolve) => (this.wake = resolve));
    if (this.failure !== undefined) throw this.failure;
    return this.isOpen;
  }

  private shown(text: string): string {
    return this.target.isTTY === true ? forTerminal(text) : text;
  }
}
