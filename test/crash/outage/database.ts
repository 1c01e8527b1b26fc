import { dirname, join } from 'node:path';
import { EmbeddedServer } from '../../../src/adapters/postgres/embedded-server.js';
import { silentLogger } from '../../support/silent-logger.js';
import { type BrokerUnderTest, childrenOf, signalAll } from '../broker-under-test.js';

/** A database that goes away and comes back. */
export interface FailingDatabase {
  fail(): void;
  recover(): Promise<void>;
  /** Ends what is left of it; the broker has ended before. */
  stop(): Promise<void>;
}

/** The broker's own server, whose processes stand still: connections stay open, and nothing answers. */
export class StandingDatabase implements FailingDatabase {
  private stopped: readonly number[] = [];

  constructor(private readonly broker: BrokerUnderTest) {}

  fail(): void {
    this.stopped = this.broker.postgresProcesses();
    signalAll(this.stopped, 'SIGSTOP');
  }

  async recover(): Promise<void> {
    signalAll(this.stopped, 'SIGCONT');
  }

  async stop(): Promise<void> {
    // It is the broker's.
  }
}

/** A server that the broker only knows by its URL: killed, and nobody there until it is started again. */
export class KilledDatabase implements FailingDatabase {
  private constructor(private readonly server: EmbeddedServer) {}

  static async start(folder: string): Promise<KilledDatabase> {
    return new KilledDatabase(
      await EmbeddedServer.start({ dataDir: join(folder, 'server'), logger: silentLogger }),
    );
  }

  get url(): string {
    const { path, password } = this.server.address.options;
    const host = encodeURIComponent(dirname(String(path)));
    return `postgres://surety:${encodeURIComponent(String(password))}@/surety?host=${host}`;
  }

  fail(): void {
    const { pid } = this.server;
    signalAll([pid, ...childrenOf(pid)], 'SIGKILL');
  }

  async recover(): Promise<void> {
    await this.server.restart();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}
