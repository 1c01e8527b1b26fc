import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Storage, StorageFigures } from '../../application/ports/storage.js';
import { BrokerLock } from './broker-lock.js';
import { connect, type Sql } from './connect.js';
import { type DatabaseAddress, parseDatabaseUrl } from './database-address.js';
import { EmbeddedServer } from './embedded-server.js';
import { BatchWriter } from './journal/batch-writer.js';
import { GroupCommit } from './journal/group-commit.js';
import { migrate } from './migrate.js';
import { PostgresBacklogReader } from './postgres-backlog-reader.js';
import { PostgresDeliveryJournal } from './postgres-delivery-journal.js';
import { PostgresSessionStore } from './postgres-session-store.js';
import { PostgresStateSource } from './postgres-state-source.js';
import { PostgresWillStore } from './postgres-will-store.js';

/** Where the data is to be, and what the storage works with. */
export interface PostgresStorageOptions {
  /** Undefined runs the embedded server in `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly migrationsDir: string;
  /** What may wait to be committed, in bytes. */
  readonly journalBytesMax: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How long a start waits for a database server that is starting itself, in milliseconds. */
const CONNECT_WAIT_MS = 10_000;
const RESTART_PAUSE_MS = 500;

/** The broker's state in PostgreSQL: the server that the broker brings along, or one that is configured. */
export class PostgresStorage implements Storage {
  readonly journal: PostgresDeliveryJournal;
  readonly backlogReader: PostgresBacklogReader;
  readonly sessions: PostgresSessionStore;
  readonly wills: PostgresWillStore;
  readonly source: PostgresStateSource;
  private supersededListener: ((reason: Error) => void) | undefined;
  private isStopping = false;

  private constructor(
    readonly health: GroupCommit,
    private readonly sql: Sql,
    private readonly server: EmbeddedServer | undefined,
    readonly description: string,
    options: PostgresStorageOptions,
  ) {
    this.journal = new PostgresDeliveryJournal(health);
    this.backlogReader = new PostgresBacklogReader(sql);
    this.sessions = new PostgresSessionStore(health, options.clock);
    this.wills = new PostgresWillStore(health);
    this.source = new PostgresStateSource(sql);
    server?.onExit(() => void this.revive(server, options.logger));
  }

  /**
   * Opens the database: starts the embedded server if need be, claims to be its one broker, migrates.
   * @throws Error that says what to do; nothing is left running then.
   */
  static async open(options: PostgresStorageOptions): Promise<PostgresStorage> {
    const { url, dataDir, logger } = options;
    const server = url === undefined ? await EmbeddedServer.start({ dataDir, logger }) : undefined;
    try {
      const address = server?.address ?? parseDatabaseUrl(url ?? '');
      return await openDatabase(address, server, options);
    } catch (error) {
      await server?.stop();
      throw error;
    }
  }

  /** @internal Made by `open`. */
  static of(parts: OpenedDatabase, options: PostgresStorageOptions): PostgresStorage {
    const storage = new PostgresStorage(parts.commit, parts.sql, parts.server, parts.description, options);
    parts.onSuperseded((reason) => storage.supersededListener?.(reason));
    return storage;
  }

  figures(): StorageFigures {
    const { commits, rowsWritten, bytes } = this.health;
    return { commits, rowsWritten, rowsElided: this.journal.elided, pendingBytes: bytes };
  }

  onSuperseded(listener: (reason: Error) => void): void {
    this.supersededListener = listener;
  }

  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    this.backlogReader.stop();
    await this.health.stop(graceMs);
    await this.sql.end({ timeout: 1 });
    await this.server?.stop();
  }

  /** The embedded server ended by itself: durable changes wait until it is back. */
  private async revive(server: EmbeddedServer, logger: Logger): Promise<void> {
    logger.error('the embedded PostgreSQL server has ended by itself: starting it again');
    while (!this.isStopping) {
      try {
        await server.restart();
        return;
      } catch (error) {
        logger.error('the embedded PostgreSQL server does not start', { reason: String(error) });
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }
}

interface OpenedDatabase {
  readonly commit: GroupCommit;
  readonly sql: Sql;
  readonly server: EmbeddedServer | undefined;
  readonly description: string;
  onSuperseded(listener: (reason: Error) => void): void;
}

async function openDatabase(
  address: DatabaseAddress,
  server: EmbeddedServer | undefined,
  options: PostgresStorageOptions,
): Promise<PostgresStorage> {
  const { logger, migrationsDir, journalBytesMax, dataDir } = options;
  const sql = await connect(address, { logger, waitMsMax: CONNECT_WAIT_MS });
  try {
    const first = await BrokerLock.acquire(address);
    let onSuperseded: ((reason: Error) => void) | undefined;
    try {
      await migrate(sql, migrationsDir);
      const { lastBatch, lastMessageId } = await readPosition(sql);
      const commit = new GroupCommit({
        firstClaim: first,
        claim: () => BrokerLock.acquire(address),
        writer: new BatchWriter(lastMessageId + 1),
        logger,
        lastBatch,
        bytesMax: journalBytesMax,
        onSuperseded: (reason) => onSuperseded?.(reason),
      });
      const description = server === undefined ? `data in ${address.name}` : `data in ${dataDir}`;
      const parts = {
        commit,
        sql,
        server,
        description,
        onSuperseded: (listener: (reason: Error) => void) => (onSuperseded = listener),
      };
      return PostgresStorage.of(parts, options);
    } catch (error) {
      await first.release();
      throw error;
    }
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw error;
  }
}

async function readPosition(sql: Sql): Promise<{ lastBatch: number; lastMessageId: number }> {
  const [row] = await sql<{ batch: string; id: string }[]>`
    select batch, coalesce((select max(id) from surety.message), 0) as id from surety.journal_state`;
  return { lastBatch: Number(row?.batch ?? 0), lastMessageId: Number(row?.id ?? 0) };
}
