import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../application/ports/logger.js';
import { openPool } from './connect.js';
import { connectionFailure } from './connection-failure.js';
import { createCluster } from './create-cluster.js';
import { hasCluster, openDataDirectory, serverPassword, type DataDirectory } from './data-directory.js';
import { socketAddress, type DatabaseAddress } from './database-address.js';
import { clearOrphan } from './orphan.js';
import { serverBinaries, type ServerBinaries } from './server-binaries.js';
import { boundServerLog } from './server-log.js';
import { ServerProcess, type ServerExit } from './server-process.js';
import { socketName } from './server-settings.js';
import { reachableSocketPath, type SocketPath } from './socket-path.js';
import { StartFailure } from './start-failure.js';

/** What the embedded server needs to know. */
export interface EmbeddedServerOptions {
  /** The broker's data directory; the server's files go below it. Made if it is missing. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** Ends a start that takes long, such as a recovery; what was to start then throws. */
  readonly signal?: AbortSignal;
  /** PostgreSQL settings over the broker's own; for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** As whom the broker connects to it, and to which database. */
export const EMBEDDED_LOGIN = { user: 'surety', database: 'surety' } as const;
const { user, database } = EMBEDDED_LOGIN;

/** Processes of a server that was killed may hold its memory a little longer. */
const busyMsMax = 10_000;
const busyPollMs = 50;
const logCheckMs = 60_000;

/**
 * The PostgreSQL server that the broker brings along, as its child, on a Unix socket that only its own user can reach.
 *
 * States: running → stopped (by `stop`) or dead (it ended by itself: `onExit` tells); from either, `restart` leads back
 * to running. Its address stays the same, so a pool finds it again.
 */
export class EmbeddedServer {
  private state: 'starting' | 'running' | 'stopping' | 'stopped' | 'dead' = 'stopped';
  private server: ServerProcess | undefined;
  private logTimer: NodeJS.Timeout | undefined;
  private readonly exitListeners: ((exit: ServerExit) => void)[] = [];

  private constructor(
    /** Where and as whom to connect; it holds the password. */
    readonly address: DatabaseAddress,
    private readonly data: DataDirectory,
    private readonly binaries: ServerBinaries,
    private readonly socket: SocketPath,
    private readonly options: EmbeddedServerOptions,
  ) {}

  /**
   * Starts the server, and on the first start makes its data. A server that a killed broker left there is stopped.
   * @throws StartFailure with what to do about it; nothing is left running then.
   */
  static async start(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const data = openDataDirectory(options.dataDir);
    const binaries = serverBinaries(data.account);
    const isFresh = !hasCluster(data, binaries.major);
    const password = serverPassword(data, isFresh);
    if (isFresh) await createCluster(data, binaries, password);
    const socket = reachableSocketPath(join(data.cluster, socketName));
    const address = socketAddress(socket.path, { user, password, database });
    const server = new EmbeddedServer(address, data, binaries, socket, options);
    try {
      await server.launch();
      return server;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** The process id of the postmaster; 0 while there is none. */
  get pid(): number {
    return this.server?.pid ?? 0;
  }

  /** Calls the listener each time that the server ends without being told to. */
  onExit(listener: (exit: ServerExit) => void): void {
    this.exitListeners.push(listener);
  }

  /** Stops the server in good order, within seconds. Close the pools first: it cuts what is still connected. */
  async stop(): Promise<void> {
    await this.end();
    this.socket.close();
  }

  /**
   * Starts the server again after it ended, or stops it first if it runs. After a crash this takes as long as recovery.
   * @throws StartFailure as `start` does.
   */
  async restart(): Promise<void> {
    await this.end();
    await this.launch();
  }

  /** Lets our own process end while the server runs on; whoever starts next on the directory finds it an orphan. */
  leaveRunning(): void {
    this.server?.leaveRunning();
    clearInterval(this.logTimer);
  }

  private async launch(): Promise<void> {
    this.state = 'starting';
    this.socket.open();
    const deadline = performance.now() + busyMsMax;
    for (;;) {
      try {
        await clearOrphan({
          ...this.options,
          data: this.data,
          address: this.address,
          socket: this.socket.path,
        });
        await this.launchOnce();
        return;
      } catch (error) {
        const isPassing = error instanceof StartFailure && error.code === 'server-busy';
        if (!isPassing || performance.now() > deadline || !this.isStarting()) {
          if (this.isStarting()) this.state = 'dead';
          throw error;
        }
        await delay(busyPollMs);
      }
    }
  }

  private async launchOnce(): Promise<void> {
    if (this.options.signal?.aborted === true) {
      throw new StartFailure('server-died', 'the start of PostgreSQL was called off');
    }
    const server = await ServerProcess.spawn(this.data, this.binaries, this.options.settings ?? {});
    this.server = server;
    void server.exited.then((exit) => this.exited(server, exit));
    const abort = (): void => void server.stop();
    this.options.signal?.addEventListener('abort', abort);
    try {
      await server.ready();
      await ensureDatabase(this.address);
    } catch (error) {
      await server.stop();
      throw connectionFailure(error, this.address);
    } finally {
      this.options.signal?.removeEventListener('abort', abort);
    }
    this.state = 'running';
    this.logTimer = setInterval(() => this.boundLog(), logCheckMs).unref();
  }

  /** Also ends a start that is under way, which throws then. */
  private async end(): Promise<void> {
    clearInterval(this.logTimer);
    this.state = 'stopping';
    await this.server?.stop();
    this.state = 'stopped';
  }

  private isStarting(): boolean {
    return this.state === 'starting';
  }

  private exited(server: ServerProcess, exit: ServerExit): void {
    if (this.server !== server) return;
    this.server = undefined;
    clearInterval(this.logTimer);
    if (this.state !== 'running') return;
    this.state = 'dead';
    for (const listener of this.exitListeners) listener(exit);
  }

  private boundLog(): void {
    try {
      boundServerLog(this.data.logFile);
    } catch (error) {
      this.options.logger.warn('the log of PostgreSQL could not be cut', { reason: String(error) });
    }
  }
}

/** Asks the server whether it knows us, and on the first start makes the broker's database. */
async function ensureDatabase(address: DatabaseAddress): Promise<void> {
  try {
    await runOnce(address, 'select 1');
  } catch (error) {
    if (connectionFailure(error, address).code !== 'database-missing') throw error;
    const maintenance = { ...address, options: { ...address.options, database: 'postgres' } };
    await runOnce(maintenance, `create database ${database}`);
  }
}

async function runOnce(address: DatabaseAddress, statement: string): Promise<void> {
  const sql = openPool(address, { max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
