import { closeSync, openSync } from 'node:fs';
import process from 'node:process';

/** What the process is told by signals. */
export interface ProcessSignals {
  /** Resolves at SIGTERM or SIGINT; from then on a further one ends the process at once. */
  readonly stop: Promise<undefined>;
  /** Calls the listener at each SIGHUP from now on. Those before it, while the broker starts, are let go. */
  onReload(listener: () => void): void;
}

/** Listens to signals. A terminal that is closed sends SIGHUP as well, and then it means to stop. */
export function listenToSignals(): ProcessSignals {
  const hasTerminal = process.stdin.isTTY;
  let reload = (): void => undefined;
  const stop = new Promise<undefined>((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const end = (): void => {
      for (const signal of signals) process.removeListener(signal, end);
      resolve(undefined);
    };
    for (const signal of signals) process.on(signal, end);
    process.on('SIGHUP', () => (hasTerminal && isTerminalGone() ? end() : reload()));
  });
  return { stop, onReload: (listener) => (reload = listener) };
}

function isTerminalGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
