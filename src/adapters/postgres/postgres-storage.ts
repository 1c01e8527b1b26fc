import { randomUUID } from 'node:crypto';

import type { Clock } from '../../application/ports/clock.js';
import type { Digest } from '../../application/ports/digest.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Storage, StorageFigures } from '../../application/ports/storage.js';
import { AuditChain } from '../../domain/audit/audit-chain.js';
import { BrokerLock } from './broker-lock.js';
import type { Sql } from './connect.js';
import { closeDatabase, type Database, type DatabaseOptions, openDatabase } from './database.js';
import type { EmbeddedServer } from './embedded-server.js';
import { PostgresAuditPartitions } from './audit-retention.js';
import { BatchWriter } from './journal/batch-writer.js';
import { AdminNotices } from './admin-notices.js';
import { GroupCommit } from './journal/group-commit.js';
import { HeldIds } from './journal/held-ids.js';
import { TrailEnd } from './journal/trail-end.js';
import { PostgresAdminInbox } from './postgres-admin-inbox.js';
import { PostgresBanStore } from './postgres-ban-store.js';
import { PostgresUsers } from './postgres-users.js';
import { PostgresUserPasswords } from './postgres-user-passwords.js';
import { PostgresAuditTrail, readTrailPosition, type TrailPosition } from './postgres-audit-trail.js';
import { PostgresBacklogReader } from './postgres-backlog-reader.js';
import { PostgresDeliveryJournal } from './postgres-delivery-journal.js';
import { PostgresRoles } from './postgres-roles.js';
import { PostgresRoleSource } from './postgres-role-source.js';
import { PostgresSessionStore } from './postgres-session-store.js';
import { PostgresStateSource } from './postgres-state-source.js';
import { PostgresWillStore } from './postgres-will-store.js';
import { RenewablePool } from './renewable-pool.js';

/** Where the data is to be, and what the storage works with. */
export interface PostgresStorageOptions extends DatabaseOptions {
  /** What may wait to be committed, in bytes. */
  readonly limits: { readonly journalBytesMax: number };
  /** The broker's name in the audit trail. */
  readonly node: string;
  readonly digest: Digest;
  readonly clock: Clock;
}

const RESTART_PAUSE_MS = 500;
/** Connections that read backlogs. */
const READ_CONNECTIONS = 4;

/** The broker's state in PostgreSQL: the server that the broker brings along, or one that is configured. */
export class PostgresStorage implements Storage {
  readonly journal: PostgresDeliveryJournal;
  readonly backlogReader: PostgresBacklogReader;
  readonly sessions: PostgresSessionStore;
  readonly wills: PostgresWillStore;
  readonly source: PostgresStateSource;
  readonly health: GroupCommit;
  readonly trail: PostgresAuditTrail;
  readonly auditPartitions: PostgresAuditPartitions;
  readonly roles: PostgresRoleSource;
  readonly bans: PostgresBanStore;
  readonly users: PostgresUserPasswords;
  readonly userDirectory: PostgresUsers;
  readonly roleDirectory: PostgresRoles;
  readonly adminInbox: PostgresAdminInbox;
  /** What others change in the database. */
  readonly notices: AdminNotices;
  readonly description: string;
  private readonly pool: RenewablePool;
  private readonly rolePool: RenewablePool;
  private supersededListener: ((reason: Error) => void) | undefined;
  private isStopping = false;

  private constructor(
    private readonly database: Database,
    position: JournalPosition,
    { clock, dataDir, digest, limits, logger, node }: PostgresStorageOptions,
  ) {
    const chain = new AuditChain(position.head, node, (...parts) => digest.sha256(...parts));
    const trail = new TrailEnd(chain, digest.payloads());
    const { address, lock, server, sql } = database;
    this.health = new GroupCommit({
      firstClaim: lock,
      claim: () => BrokerLock.acquire(address),
      writer: new BatchWriter(position.lastMessageId + 1, position.heldIds, randomUUID()),
      logger,
      lastBatch: position.lastBatch,
      lastSessionKey: position.lastSessionKey,
      trail,
      limits,
      onSuperseded: (reason) => this.supersededListener?.(reason),
    });
    this.trail = new PostgresAuditTrail(this.health, trail, position.previousRun);
    this.journal = new PostgresDeliveryJournal(this.health);
    this.pool = new RenewablePool(address, READ_CONNECTIONS);
    this.notices = new AdminNotices(address, clock);
    this.rolePool = new RenewablePool(address, 1);
    this.auditPartitions = new PostgresAuditPartitions(this.pool);
    this.roles = new PostgresRoleSource(this.rolePool, this.notices);
    this.backlogReader = new PostgresBacklogReader(this.pool);
    this.sessions = new PostgresSessionStore(this.health, clock);
    this.wills = new PostgresWillStore(this.health);
    this.source = new PostgresStateSource(sql, (keys) => this.health.removeEnded(keys));
    this.bans = new PostgresBanStore(this.pool, this.notices);
    this.users = new PostgresUserPasswords(this.pool);
    this.userDirectory = new PostgresUsers(this.pool);
    this.roleDirectory = new PostgresRoles(this.pool);
    this.adminInbox = new PostgresAdminInbox(this.pool, this.health, this.notices);
    this.description = `data in ${server === undefined ? address.name : dataDir}`;
    server?.onExit(() => void this.revive(server, logger));
  }

  /**
   * Opens the database: starts the embedded server if need be, claims to be its one broker, migrates.
   * @throws Error that says what to do; nothing is left running then.
   */
  static async open(options: PostgresStorageOptions): Promise<PostgresStorage> {
    const database = await openDatabase(options);
    try {
      return new PostgresStorage(database, await readPosition(database.sql), options);
    } catch (error) {
      await closeDatabase(database);
      throw error;
    }
  }

  figures(): StorageFigures {
    const { figures, bytes: pendingBytes } = this.health;
    const { commits, failures, rowsWritten, batchRows, gatherSeconds, commitSeconds } = figures;
    const reads = { ...this.backlogReader.figures, connectionsMax: READ_CONNECTIONS };
    return {
      ...{ commits, failures, rowsWritten, rowsElided: this.journal.elided, pendingBytes },
      ...{ batchRows, gatherSeconds, commitSeconds, reads },
    };
  }

  onSuperseded(listener: (reason: Error) => void): void {
    this.supersededListener = listener;
  }

  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    this.backlogReader.stop();
    await this.notices.stop();
    await this.health.stop(graceMs);
    await this.pool.end();
    await this.rolePool.end();
    await closeDatabase(this.database);
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

interface JournalPosition extends TrailPosition {
  readonly lastBatch: number;
  readonly lastSessionKey: number;
  readonly lastMessageId: number;
  readonly heldIds: HeldIds;
}

async function readPosition(sql: Sql): Promise<JournalPosition> {
  const [row] = await sql<{ batch: string; session_key: string; id: string }[]>`
    select batch, session_key, coalesce((select max(id) from surety.message), 0) as id from surety.journal_state`;
  return {
    lastBatch: Number(row?.batch ?? 0),
    lastSessionKey: Number(row?.session_key ?? 0),
    lastMessageId: Number(row?.id ?? 0),
    heldIds: await HeldIds.read(sql),
    ...(await readTrailPosition(sql)),
  };
}
