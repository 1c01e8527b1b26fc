import { fileURLToPath } from 'node:url';
import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import type { Storage } from '../../src/application/ports/storage.js';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';
import { PostgresStorage } from '../../src/adapters/postgres/postgres-storage.js';
import type { AuditEvent } from '../../src/domain/audit/audit-event.js';
import { FakeDatabase, FakeStorage } from './fake-storage.js';
import { ManualClock } from './manual-clock.js';
import { silentLogger } from './silent-logger.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A storage, and what a test does to it that the broker can't. */
export interface StorageUnderTest {
  /** The storage of the run that is on. */
  readonly storage: Storage;
  /** Resolves when all that was gathered so far is durable, and was told of. */
  commit(): Promise<void>;
  /** Ends the run as a crash does, and opens what was committed in another one. */
  restart(): Promise<void>;
  /** Ends the run in order, and opens the next. */
  stopAndStart(): Promise<void>;
  /** What the audit trail tells, in order. */
  trail(): Promise<readonly Pick<AuditEvent, 'kind' | 'topic'>[]>;
  /** How many messages are stored that more than one session is owed. */
  sharedMessages(): Promise<number>;
  close(): Promise<void>;
}

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

export async function fakeUnderTest(): Promise<StorageUnderTest> {
  const database = new FakeDatabase();
  const clock = new ManualClock();
  let storage = new FakeStorage(database, clock);
  return {
    get storage() {
      return storage;
    },
    trail: async () => database.events,
    commit: async () => {
      storage.commit();
    },
    restart: async () => {
      storage = new FakeStorage(database, clock);
    },
    stopAndStart: async () => {
      await storage.stop();
      storage = new FakeStorage(database, clock);
    },
    sharedMessages: async () => database.sharedMessages,
    close: async () => undefined,
  };
}

/** Opens a `PostgresStorage` on a server that runs already, as a broker with `database.url` does. */
export function openPostgres(url: string, journalBytesMax = 67_108_864): Promise<PostgresStorage> {
  const clock = new ManualClock();
  return PostgresStorage.open({
    url,
    dataDir: '/nowhere',
    migrationsDir,
    limits: { journalBytesMax },
    node: 'node-1',
    digest: new NodeDigest(),
    logger: silentLogger,
    clock,
  });
}

/** One database for the tests of a file: it is emptied for each, which is faster than to make another. */
export class PostgresUnderTest {
  private constructor(
    private readonly database: TestDatabase,
    private readonly sql: Sql,
  ) {}

  static async create(): Promise<PostgresUnderTest> {
    const database = await createTestDatabase();
    return new PostgresUnderTest(database, openPool(database.address, { max: 1 }));
  }

  async open(): Promise<StorageUnderTest> {
    const { sql } = this;
    const { url } = this.database;
    await sql`truncate surety.session, surety.subscription, surety.message, surety.delivery,
                       surety.received_ids, surety.retained, surety.will`;
    let storage = await openPostgres(url);
    const before = storage.trail.head.sequence;
    const reopen = async (graceMs: number): Promise<void> => {
      await storage.stop(graceMs);
      storage = await openPostgres(url);
    };
    return {
      get storage() {
        return storage;
      },
      commit: () => allCommitted(storage),
      trail: () => sql<Pick<AuditEvent, 'kind' | 'topic'>[]>`
        select kind, topic from surety.audit_event where sequence > ${before} order by sequence`,
      restart: () => reopen(0),
      stopAndStart: () => reopen(10_000),
      sharedMessages: async () => {
        const [row] = await sql<{ count: number }[]>`select count(*)::int as count from surety.message`;
        return row?.count ?? -1;
      },
      close: () => storage.stop(0),
    };
  }

  async drop(): Promise<void> {
    await this.sql.end();
    await this.database.drop();
  }
}

/** Entries are committed in order: when one that changes nothing is, all before it are. */
export function allCommitted({ journal }: Storage): Promise<void> {
  return new Promise((resolve) =>
    journal.append({
      deliveries: [],
      retained: undefined,
      received: undefined,
      willOf: undefined,
      events: undefined,
      trace: undefined,
      bytes: 0,
      isUrgent: true,
      isObsolete: false,
      committed: () => setImmediate(resolve),
    }),
  );
}
