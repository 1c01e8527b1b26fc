import { FixedHistogram } from '../../domain/fixed-histogram.js';
import type { AdminInbox } from './admin-inbox.js';
import type { AuditTrail } from './audit-trail.js';
import type { BacklogReader } from './backlog-reader.js';
import type { BanStore } from './ban-store.js';
import type { DeliveryJournal } from './delivery-journal.js';
import type { RoleDirectory } from './role-directory.js';
import type { RuleSource } from './rule-source.js';
import type { SessionStore } from './session-store.js';
import type { StateSource } from './state-source.js';
import type { StoreHealth } from './store-health.js';
import type { UserDirectory } from './user-directory.js';
import type { UserPasswords } from './user-passwords.js';
import type { WillStore } from './will-store.js';

/** Everything that keeps the broker's state beyond its memory, opened and ready. */
export interface Storage {
  readonly journal: DeliveryJournal;
  /** Undefined when what sessions owe stands in memory alone. */
  readonly backlogReader: BacklogReader | undefined;
  readonly sessions: SessionStore;
  readonly wills: WillStore;
  readonly source: StateSource;
  readonly health: StoreHealth;
  readonly trail: AuditTrail;
  /** The rules of roles; undefined where there are none. */
  readonly roles: RuleSource | undefined;
  readonly bans: BanStore;
  /** Undefined where there is no database. */
  readonly users: UserPasswords | undefined;
  readonly userDirectory: UserDirectory | undefined;
  readonly roleDirectory: RoleDirectory | undefined;
  /** Undefined where nobody but the broker changes anything. */
  readonly adminInbox: AdminInbox | undefined;
  /** For the operator: where the data is. */
  readonly description: string;
  /** Figures of the journal, for the metrics. */
  figures(): StorageFigures;
  /** Calls the listener once, when the broker must not go on: another one has taken the data over. */
  onSuperseded(listener: (reason: Error) => void): void;
  /** Makes durable what waits, and closes. @param graceMs Milliseconds to wait for a database that is away. */
  stop(graceMs: number): Promise<void>;
}

/** What the store has counted and measured since the broker started; times in seconds. */
export interface StorageFigures {
  readonly commits: number;
  /** Attempts to commit that didn't succeed; each batch is tried until one does. */
  readonly failures: number;
  readonly rowsWritten: number;
  readonly rowsElided: number;
  /** Topic and payload bytes that wait to be committed. */
  readonly pendingBytes: number;
  /** Deliveries that a transaction wrote. */
  readonly batchRows: FixedHistogram;
  /** From the first change of a batch until it was committed. */
  readonly gatherSeconds: FixedHistogram;
  /** From the beginning of a transaction until it was committed. */
  readonly commitSeconds: FixedHistogram;
  readonly reads: ReadFigures;
}

/** How queues are read back. */
export interface ReadFigures {
  /** Pages that are asked for at the moment; past `connectionsMax` they wait for a connection. */
  readonly underWay: number;
  readonly connectionsMax: number;
  readonly failures: number;
  readonly seconds: FixedHistogram;
}

/** The figures of a store that keeps nothing. */
export function noFigures(): StorageFigures {
  const nothing = new FixedHistogram([]);
  return {
    ...{ commits: 0, failures: 0, rowsWritten: 0, rowsElided: 0, pendingBytes: 0 },
    ...{ batchRows: nothing, gatherSeconds: nothing, commitSeconds: nothing },
    reads: { underWay: 0, connectionsMax: 0, failures: 0, seconds: nothing },
  };
}
