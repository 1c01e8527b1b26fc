import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cannotRun, serverEnvironment } from './create-cluster.js';
import { unusable, type DataDirectory } from './data-directory.js';
import type { ServerBinaries } from './server-binaries.js';
import { openServerLog, readTail } from './server-log.js';
import { serverSettings } from './server-settings.js';
import { errorCode, StartFailure } from './start-failure.js';

/** How a server ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly logTail: string;
}

const readyPollMs = 5;

/** Longer than any recovery that the limits on the write-ahead log allow, on a slow disk. */
const readyMsMax = 600_000;

/** A fast shutdown writes out at most the shared buffers. */
const fastShutdownMsMax = 30_000;
const immediateShutdownMsMax = 5_000;

/**
 * One run of the program `postgres`, from its start to its exit. It is our own child, so its exit is seen at once,
 * and a session of its own, so Ctrl-C in a terminal reaches the broker alone, which stops it when it is done.
 */
export class ServerProcess {
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<ServerExit>;
  private hasExited = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly data: DataDirectory,
    logStartBytes: number,
  ) {
    this.exited = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        this.hasExited = true;
        resolve({ code, signal, logTail: readTail(data.logFile, logStartBytes) });
      });
    });
  }

  /**
   * Starts the server on a cluster that nobody else uses; it isn't ready yet.
   * @param settings Settings over those of `serverSettings`; for tests.
   * @throws StartFailure `embedded-server-unusable`, `data-directory-unusable`.
   */
  static async spawn(
    data: DataDirectory,
    binaries: ServerBinaries,
    settings: Readonly<Record<string, string>>,
  ): Promise<ServerProcess> {
    const log = openLog(data);
    try {
      const all = Object.entries({ ...serverSettings(), ...settings });
      const child = spawn(
        binaries.postgres,
        ['-D', data.clusterAsSeen, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        {
          cwd: data.cluster,
          env: serverEnvironment(),
          detached: true,
          stdio: ['ignore', log.descriptor, log.descriptor],
          ...(data.account && { uid: data.account.uid, gid: data.account.gid }),
        },
      );
      const server = new ServerProcess(child, data, log.startBytes);
      await new Promise<void>((resolve, reject) => {
        child.on('spawn', resolve);
        child.on('error', (error) => reject(cannotRun(binaries.postgres, data.account, error)));
      });
      return server;
    } finally {
      closeSync(log.descriptor);
    }
  }

  /** The process id of the postmaster. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /**
   * Waits until the server accepts connections; after a crash that takes as long as the recovery.
   * @throws StartFailure where it dies first (`server-died`, or what its log tells), or takes too long.
   */
  async ready(): Promise<void> {
    const deadline = performance.now() + readyMsMax;
    while (!this.saysReady()) {
      if (this.hasExited) throw deathAtStart(await this.exited, this.data);
      if (performance.now() > deadline) {
        await this.stop();
        throw new StartFailure(
          'server-died',
          `PostgreSQL was not ready after ${readyMsMax / 1000} s; its log is ${this.data.logFile}`,
        );
      }
      await delay(readyPollMs);
    }
  }

  /** Ends it in good order, or at worst as a power cut would, which loses nothing that was committed. */
  async stop(): Promise<ServerExit> {
    for (const [signal, msMax] of [
      ['SIGINT', fastShutdownMsMax],
      ['SIGQUIT', immediateShutdownMsMax],
    ] as const) {
      this.child.kill(signal);
      if (await this.exitsWithin(msMax)) return this.exited;
    }
    this.child.kill('SIGKILL');
    return this.exited;
  }

  /** Lets our own process end while the server runs on. */
  leaveRunning(): void {
    this.child.unref();
  }

  /** The eighth line of the file tells the state; the first tells whether the file is of this run or an older one. */
  private saysReady(): boolean {
    try {
      const lines = readFileSync(join(this.data.cluster, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === this.pid && lines[7]?.trim() === 'ready';
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw unusable(this.data.cluster, error);
    }
  }

  private async exitsWithin(msMax: number): Promise<boolean> {
    const timer = new AbortController();
    const timeout = delay(msMax, false, { signal: timer.signal }).catch(() => false);
    const hasExited = await Promise.race([this.exited.then(() => true), timeout]);
    timer.abort();
    return hasExited;
  }
}

function openLog(data: DataDirectory): { descriptor: number; startBytes: number } {
  try {
    return openServerLog(data.logFile);
  } catch (error) {
    throw unusable(data.logFile, error);
  }
}

function deathAtStart(exit: ServerExit, data: DataDirectory): StartFailure {
  const { logTail } = exit;
  if (logTail.includes('No space left on device')) {
    return new StartFailure(
      'disk-full',
      `the disk of ${data.root} is full, so PostgreSQL can't start: free some space`,
    );
  }
  if (
    logTail.includes('pre-existing shared memory block') ||
    logTail.includes('"postmaster.pid" already exists')
  ) {
    return new StartFailure(
      'server-busy',
      `another PostgreSQL server still uses ${data.cluster}:\n${logTail}`,
    );
  }
  if (logTail.includes('could not create any Unix-domain sockets')) {
    return new StartFailure(
      'address-taken',
      `PostgreSQL can't open its socket in ${data.cluster}:\n${logTail}`,
    );
  }
  return new StartFailure(
    'server-died',
    `PostgreSQL ended with ${exit.signal ?? String(exit.code)} when it was started on ${data.cluster}; ` +
      `the last lines of ${data.logFile}:\n${logTail}`,
  );
}
