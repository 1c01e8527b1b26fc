import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestDatabase } from './test-database.js';

/** When a proxy cuts a connection: never, or when it has seen so much of a COMMIT. */
export type CutPoint = 'never' | 'before-commit' | 'after-commit';

/** What the server says when it has committed. */
const COMMITTED = Buffer.from('COMMIT\0', 'latin1');

/**
 * A way to a test's database that fails when it is told to. It forwards all bytes; the server has each
 * message whole, and nothing else, before a cut.
 */
export class PostgresProxy {
  /** What becomes of the next COMMIT that passes; 'never' again once it has happened. */
  cutAt: CutPoint = 'never';
  /** COMMITs that were cut. */
  cuts = 0;
  private isOpen = true;
  private readonly pairs = new Set<() => void>();

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    private readonly socketPath: string,
    private readonly database: TestDatabase,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  static async start(database: TestDatabase): Promise<PostgresProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PostgresProxy(server, `${String(database.address.options.host)}/.s.PGSQL.5432`, database);
  }

  /** The database by way of this proxy, for a configuration's `database.url`. */
  get url(): string {
    const url = new URL(this.database.url.replace('@/', '@placeholder/'));
    url.search = '';
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The network fails: all connections break, and new ones do until `restore`. */
  interrupt(): void {
    this.isOpen = false;
    for (const end of [...this.pairs]) end();
  }

  restore(): void {
    this.isOpen = true;
  }

  async close(): Promise<void> {
    this.interrupt();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined);
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = connect({ path: this.socketPath });
    server.on('error', () => undefined);
    const end = (): void => {
      this.pairs.delete(end);
      client.destroy();
      server.destroy();
    };
    this.pairs.add(end);
    client.on('close', end);
    server.on('close', end);
    const commits = new CommitScanner();
    let isCommitting = false;
    client.on('data', (chunk) => {
      isCommitting = commits.sees(chunk) || isCommitting;
      if (isCommitting && this.cutAt === 'before-commit') this.cut(client);
      else server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (isCommitting && this.cutAt === 'after-commit' && chunk.includes(COMMITTED)) this.cut(client);
      else client.write(chunk);
      if (chunk.includes(COMMITTED)) isCommitting = false;
    });
  }

  private cut(client: Socket): void {
    this.cutAt = 'never';
    this.cuts += 1;
    client.destroy();
  }
}

/**
 * Follows what a client says to the server, message by message, and finds the COMMITs: the statement is
 * prepared once under a name, and executed by that name from then on.
 */
class CommitScanner {
  private unread: Buffer = Buffer.alloc(0);
  private isStarted = false;
  private readonly names = new Set<string>();

  sees(chunk: Buffer): boolean {
    this.unread = Buffer.concat([this.unread, chunk]);
    let isFound = false;
    for (;;) {
      // The first message of a connection has no type byte.
      const start = this.isStarted ? 1 : 0;
      if (this.unread.length < start + 4) return isFound;
      const length = start + this.unread.readUInt32BE(start);
      if (this.unread.length < length) return isFound;
      if (this.isStarted && this.isCommit(this.unread.subarray(0, length))) isFound = true;
      this.isStarted = true;
      this.unread = this.unread.subarray(length);
    }
  }

  private isCommit(message: Buffer): boolean {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type !== 'Q' && type !== 'P' && type !== 'B') return false;
    const [first = '', second = ''] = message.subarray(5).toString('latin1').split('\0', 2);
    if (type === 'Q') return first === 'commit';
    if (type === 'P' && second === 'commit') this.names.add(first);
    return type === 'B' && this.names.has(second);
  }
}
