import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withinMs } from './wait-until.js';

/** What the keeper has printed: its server, or why it has none. */
export interface KeeperReport {
  readonly pid?: number;
  readonly socket?: string;
  readonly password?: string;
  readonly code?: string;
  readonly message?: string;
}

/** A process of its own that runs an embedded server, as a broker would. */
export interface KeeperProcess {
  readonly process: ChildProcess;
  readonly report: KeeperReport;
  /** Sends the signal, unless it has ended, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Starts a keeper on a directory, as another user if told, and waits until its server is ready or has failed. */
export async function startKeeper(
  dataDir: string,
  user: { uid?: number; gid?: number } = {},
): Promise<KeeperProcess> {
  const loader = new URL('register-typescript.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', loader, here('server-keeper.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('\n')) resolve(text);
    });
    child.on('close', () => reject(new Error(`the keeper ended and said only: ${text}`)));
    child.on('error', reject);
  });
  const report = JSON.parse(await withinMs(line, 'the keeper', 30_000)) as KeeperReport;
  return {
    process: child,
    report,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
