import type { AuditTrail } from '../../src/application/ports/audit-trail.js';
import type { BacklogReader } from '../../src/application/ports/backlog-reader.js';
import type { Clock } from '../../src/application/ports/clock.js';
import type { DeliveryJournal, JournalEntry } from '../../src/application/ports/delivery-journal.js';
import type { SessionStore } from '../../src/application/ports/session-store.js';
import type {
  StateSource,
  StoredSessionRow,
  StoredSubscription,
  StoredWill,
} from '../../src/application/ports/state-source.js';
import { noFigures, type Storage, type StorageFigures } from '../../src/application/ports/storage.js';
import type { StoreHealth } from '../../src/application/ports/store-health.js';
import type { WillRow, WillStore } from '../../src/application/ports/will-store.js';
import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import { VOLATILE_STORAGE } from '../../src/adapters/memory/volatile-storage.js';
import { GENESIS_HASH } from '../../src/domain/audit/audit-chain.js';
import type { AuditEvent } from '../../src/domain/audit/audit-event.js';
import { MessageLog } from '../../src/domain/audit/message-log.js';
import type { Message } from '../../src/domain/message.js';
import type { QoS } from '../../src/domain/qos.js';
import type { RetainedMessage } from '../../src/domain/retained/retained-message.js';
import { Delivery } from '../../src/domain/session/delivery.js';
import type { BacklogRange, StoredSession, Trim } from '../../src/domain/session/delivery-store.js';
import type { Session } from '../../src/domain/session/session.js';
import type { Subscription } from '../../src/domain/subscription/subscription.js';
import type { TopicFilter } from '../../src/domain/topic/topic-filter.js';
import { releasedBy } from './releases.js';

interface DeliveryRow {
  readonly message: Message;
  readonly isShared: boolean;
  readonly qos: QoS;
  readonly retain: boolean;
  isReleased: boolean;
}

interface SessionRow {
  readonly clientId: Session['clientId'];
  disconnectedAtMs: number | undefined;
  sentThrough: number;
  receivedThrough: number;
  readonly subscriptions: Map<TopicFilter, StoredSubscription>;
}

/** What was committed; it outlives the storage that wrote it, as a database does. */
export class FakeDatabase {
  readonly sessions = new Map<number, SessionRow>();
  readonly deliveries = new Map<number, Map<number, DeliveryRow>>();
  readonly receivedIds = new Map<number, Set<number>>();
  readonly retained = new Map<string, RetainedMessage>();
  readonly wills = new Map<number, WillRow>();
  readonly events: AuditEvent[] = [];
  lastKey = 0;

  /** Messages that are owed to more than one session, each once. */
  get sharedMessages(): number {
    const all = [...this.deliveries.values()].flatMap((rows) => [...rows.values()]);
    return new Set(all.filter(({ isShared }) => isShared).map(({ message }) => message)).size;
  }
}

/** One thing that becomes durable, and whom to tell then. */
interface Change {
  readonly apply: () => void;
  readonly tell?: () => void;
}

/**
 * Storage in memory that keeps exactly what was committed. It commits when a test says so: until then
 * nothing is durable, and nobody is told.
 */
export class FakeStorage implements Storage {
  readonly health: StoreHealth = {
    failure: undefined,
    isFull: false,
    isTrailFull: false,
    onFailure: () => undefined,
    onRoom: () => undefined,
  };
  readonly description = 'data in a fake';
  readonly journal: DeliveryJournal;
  readonly backlogReader: BacklogReader;
  readonly sessions: SessionStore;
  readonly wills: WillStore;
  readonly source: StateSource;
  readonly trail: AuditTrail;
  readonly roles = undefined;
  readonly bans = VOLATILE_STORAGE.bans;
  readonly users = undefined;
  readonly userDirectory = undefined;
  readonly roleDirectory = undefined;
  readonly adminInbox = undefined;
  private waiting: Change[] = [];
  private rowsWritten = 0;
  private rowsElided = 0;
  private commits = 0;

  constructor(
    private readonly database: FakeDatabase,
    private readonly clock: Clock,
  ) {
    this.journal = this.makeJournal();
    this.backlogReader = { read: async (session, range) => this.read(session, range) };
    this.sessions = this.makeSessions();
    this.wills = {
      set: (connection, row) => this.durable(() => void database.wills.set(connection, row)),
      clear: (connection) => this.gather(() => void database.wills.delete(connection)),
    };
    this.trail = this.makeTrail();
    this.source = {
      sessions: () => this.readSessions(),
      retained: () => pageOf([...database.retained.values()]),
      wills: async () => this.readWills(),
    };
  }

  /** Makes all durable that was gathered, then tells of it, in the order of the calls. */
  commit(): void {
    const batch = this.waiting;
    this.waiting = [];
    this.commits += 1;
    for (const { apply } of batch) apply();
    for (const { tell } of batch) tell?.();
  }

  figures(): StorageFigures {
    const { commits, rowsWritten, rowsElided } = this;
    return { ...noFigures(), commits, rowsWritten, rowsElided };
  }

  onSuperseded(): void {
    // Nobody else knows of this database.
  }

  async stop(): Promise<void> {
    this.commit();
  }

  private gather(apply: () => void, tell?: () => void): void {
    this.waiting.push(tell === undefined ? { apply } : { apply, tell });
  }

  private durable(apply: () => void): Promise<void> {
    return new Promise((resolve) => this.gather(apply, resolve));
  }

  private makeJournal(): DeliveryJournal {
    const { database } = this;
    return {
      append: (entry) =>
        this.gather(
          () => this.applyEntry(entry),
          () => this.tellEntry(entry),
        ),
      settle: ({ key }, delivery) => {
        if (delivery.storage === 'pending') this.rowsElided += 1;
        else this.gather(() => void database.deliveries.get(key)?.delete(delivery.sequence));
      },
      received: (session, delivery, committed) => {
        const isReleased = releasedBy(session, delivery);
        const { receivedThrough } = session;
        this.gather(() => {
          const row = database.sessions.get(session.key);
          if (row !== undefined && delivery.sequence <= receivedThrough)
            row.receivedThrough = receivedThrough;
          for (const [sequence, owed] of database.deliveries.get(session.key) ?? [])
            if (isReleased({ sequence, qos: owed.qos })) owed.isReleased = true;
        }, committed);
      },
      forgetReceivedId: ({ key }, packetId, committed) =>
        this.gather(() => void database.receivedIds.get(key)?.delete(packetId), committed),
      trim: (session, trim) => this.trim(session, trim),
    };
  }

  private makeSessions(): SessionStore {
    const { database } = this;
    const stored = new Set<number>(database.sessions.keys());
    return {
      newKey: () => ++database.lastKey,
      ensure: ({ key, clientId, sentThrough }) => {
        const isNew = !stored.has(key);
        stored.add(key);
        const row = {
          clientId,
          disconnectedAtMs: undefined,
          sentThrough: -1,
          receivedThrough: -1,
          subscriptions: new Map(),
        };
        return this.durable(() => {
          if (isNew) database.sessions.set(key, row);
          else this.setPresence(key, { disconnectedAtMs: undefined, sentThrough });
        });
      },
      leave: ({ key, disconnectedAtMs, sentThrough }) =>
        this.gather(() => this.setPresence(key, { disconnectedAtMs, sentThrough })),
      delete: ({ key }, event) =>
        this.gather(() => {
          database.events.push(event);
          database.sessions.delete(key);
          database.deliveries.delete(key);
          database.receivedIds.delete(key);
        }),
      subscribe: ({ key }: Session, made: readonly Subscription<Session>[]) =>
        this.durable(() => {
          const subscriptions = database.sessions.get(key)?.subscriptions;
          for (const { filter, qos } of made)
            subscriptions?.set(filter, { filter, qos, isReplaying: qos > 0 });
        }),
      replayed: ({ key }, { filter, qos }) =>
        this.gather(() => {
          database.sessions.get(key)?.subscriptions.set(filter, { filter, qos, isReplaying: false });
        }),
      unsubscribe: ({ key }: Session, filters: readonly TopicFilter[]) =>
        this.durable(() => {
          for (const filter of filters) database.sessions.get(key)?.subscriptions.delete(filter);
        }),
    };
  }

  private makeTrail(): AuditTrail {
    const tell = (event: AuditEvent): void => void this.database.events.push(event);
    return {
      isWritten: true,
      head: { sequence: 0, hash: GENESIS_HASH },
      previousRun: undefined,
      record: (event) => this.gather(() => tell(event)),
      published: () => undefined,
      messages: new MessageLog(new NodeDigest().payloads()),
      delivered: () => undefined,
      acknowledged: () => undefined,
      dropped: () => undefined,
      seal: () => undefined,
      commit: (event) => this.durable(() => tell(event)),
      close: (last) => this.durable(() => tell(last)),
      onCommitted: () => undefined,
    };
  }

  private setPresence(key: number, presence: Pick<SessionRow, 'disconnectedAtMs' | 'sentThrough'>): void {
    Object.assign(this.database.sessions.get(key) ?? {}, presence);
  }

  private applyEntry(entry: JournalEntry): void {
    const { database } = this;
    const owed = entry.deliveries.filter(({ delivery }) => delivery.stage !== 'settled');
    for (const { session, delivery } of owed) {
      const { sequence, message, qos, retain } = delivery;
      const row = { message, isShared: owed.length > 1, qos, retain, isReleased: false };
      mapOf(database.deliveries, session.key).set(sequence, row);
      delivery.storage = 'written';
      this.rowsWritten += 1;
    }
    const { retained, received, willOf, events } = entry;
    database.events.push(...(events ?? []));
    if (retained !== undefined && 'set' in retained)
      database.retained.set(retained.set.message.topic, retained.set);
    else if (retained !== undefined) database.retained.delete(retained.clear);
    if (received !== undefined) {
      const ids = database.receivedIds.get(received.session.key) ?? new Set();
      database.receivedIds.set(received.session.key, ids.add(received.packetId));
    }
    if (willOf !== undefined) database.wills.delete(willOf);
  }

  private tellEntry(entry: JournalEntry): void {
    if (!entry.isObsolete) entry.committed();
  }

  private trim(session: StoredSession, { after, through, expected }: Trim): void {
    const removed = { messages: 0, bytes: 0 };
    const apply = (): void => {
      const rows = this.database.deliveries.get(session.key);
      for (const [sequence, { message }] of rows ?? []) {
        if (sequence <= after || sequence > through) continue;
        rows?.delete(sequence);
        removed.messages += 1;
        removed.bytes += message.queueBytes;
      }
    };
    this.gather(apply, () => session.trimmed(expected, removed));
  }

  private read({ key }: StoredSession, { after, through, messagesMax }: BacklogRange): Delivery[] {
    const rows = [...(this.database.deliveries.get(key) ?? [])].sort(([a], [b]) => a - b);
    const found = rows.filter(([sequence]) => sequence > after && sequence <= through);
    return found.slice(0, messagesMax).map(([sequence, { message, qos, retain, isReleased }]) => {
      const delivery = new Delivery(sequence, message, qos, retain);
      delivery.storage = 'written';
      if (isReleased) delivery.stage = 'released';
      return delivery;
    });
  }

  private async *readSessions(): AsyncGenerator<readonly StoredSessionRow[]> {
    const { database } = this;
    yield [...database.sessions].map(([key, row]) => {
      const backlog = backlogOf(database.deliveries.get(key) ?? new Map());
      const wasConnected = row.disconnectedAtMs === undefined;
      return {
        key,
        clientId: row.clientId,
        disconnectedAtMs: row.disconnectedAtMs,
        // Of a client that was connected to the end, everything may have been sent.
        // What was received has been sent.
        sentThrough: Math.max(
          wasConnected ? (backlog?.lastSequence ?? -1) : row.sentThrough,
          row.receivedThrough,
        ),
        subscriptions: [...row.subscriptions.values()],
        receivedIds: [...(database.receivedIds.get(key) ?? [])],
        backlog,
      };
    });
    for (const [key, row] of database.sessions) {
      if (row.disconnectedAtMs !== undefined) continue;
      row.disconnectedAtMs = this.clock.nowMs();
      row.sentThrough = Math.max(-1, ...(database.deliveries.get(key)?.keys() ?? []));
    }
  }

  private readWills(): StoredWill[] {
    return [...this.database.wills].map(([connection, row]) => ({ connection, ...row }));
  }
}

function backlogOf(rows: ReadonlyMap<number, DeliveryRow>): StoredSessionRow['backlog'] {
  if (rows.size === 0) return undefined;
  const bytes = [...rows.values()].reduce((sum, { message }) => sum + message.queueBytes, 0);
  const sequences = [...rows.keys()];
  const [firstSequence, lastSequence] = [Math.min(...sequences), Math.max(...sequences)];
  return { messages: rows.size, bytes, firstSequence, lastSequence };
}

async function* pageOf<V>(rows: readonly V[]): AsyncGenerator<readonly V[]> {
  yield rows;
}

function mapOf<K, V>(maps: Map<number, Map<K, V>>, key: number): Map<K, V> {
  const map = maps.get(key) ?? new Map<K, V>();
  maps.set(key, map);
  return map;
}
