import type { JournalEntry } from '../../../application/ports/delivery-journal.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { StoreHealth } from '../../../application/ports/store-health.js';
import type { Sql } from '../connect.js';
import { type Batch, Changes } from './batch.js';
import type { BatchWriter } from './batch-writer.js';

/** The claim to be the one broker that writes, and the connection that carries it. */
export interface WriteClaim {
  readonly isHeld: boolean;
  readonly sql: Sql;
  release(): Promise<void>;
}

/** What a group commit works with. */
export interface GroupCommitOptions {
  /** Makes a claim when there is none, or the last one was lost with its connection. */
  readonly claim: () => Promise<WriteClaim>;
  readonly writer: BatchWriter;
  readonly logger: Logger;
  /** The number of the last batch in the database. */
  readonly lastBatch: number;
  /** Entries that wait to be committed, in bytes, past which no more should come. */
  readonly bytesMax: number;
  /** Called once, when another broker has taken the database over: this one must not go on. */
  readonly onSuperseded: (error: Error) => void;
}

/**
 * How long changes gather for which nobody waits urgently, in milliseconds. A receiver that
 * acknowledges within it spares the write.
 */
const GATHER_MS = 10;
/** Deliveries that one transaction writes at most: to build and bind more stalls the event loop. */
const BATCH_ROWS_MAX = 1000;
/** Entries are swept for obsolete ones when at least so many have become obsolete. */
const OBSOLETE_MIN = 1000;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1000;

/**
 * Commits changes in one transaction after another: while one is under way, the next gathers.
 *
 *   gathering ──urgent, or gathered for a while──▶ committing ──▶ those who wait are told
 *                                                     │  ▲
 *                                                  failed └ tried again, until it succeeds
 *
 * Entries leave in order, and so many at a time that no batch is too large. Nothing is given up: while
 * the database is away all waits. When a connection broke during a commit, the batch number in the
 * database tells whether it went through.
 */
export class GroupCommit implements StoreHealth {
  failure: string | undefined;
  /** For the metrics. */
  commits = 0;
  rowsWritten = 0;

  /** Changes beside the entries. Whoever adds to them calls `changed` next. */
  changes = new Changes();
  private entries: JournalEntry[] = [];
  private isUrgent = false;
  private obsolete = 0;
  private pendingBytes = 0;
  private wasFull = false;
  private readonly roomListeners: (() => void)[] = [];
  private claim: WriteClaim | undefined;
  private lastBatch: number;
  private state: 'idle' | 'gathering' | 'due' | 'committing' | 'stopped' = 'idle';
  private gatherTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupCommitOptions) {
    this.lastBatch = options.lastBatch;
  }

  get isFull(): boolean {
    if (this.pendingBytes <= this.options.bytesMax) return false;
    this.wasFull = true;
    return true;
  }

  /** Topic and payload bytes that wait to be committed. */
  get bytes(): number {
    return this.pendingBytes;
  }

  onRoom(listener: () => void): void {
    this.roomListeners.push(listener);
  }

  append(entry: JournalEntry): void {
    this.entries.push(entry);
    this.pendingBytes += entry.bytes;
    if (entry.isUrgent) this.isUrgent = true;
    this.changed();
  }

  /** Something was gathered: has it committed, at once if it is urgent. */
  changed(): void {
    if (this.state === 'idle') {
      this.state = 'gathering';
      this.gatherTimer = setTimeout(() => this.due(), GATHER_MS);
    }
    if (this.state === 'gathering' && (this.isUrgent || this.changes.isUrgent)) this.due();
  }

  /** An entry needn't be written any more, as its receivers have acknowledged. */
  becameObsolete(): void {
    this.obsolete++;
    if (this.obsolete < OBSOLETE_MIN || this.obsolete < this.entries.length / 2) return;
    this.sweep();
    this.notifyRoom();
  }

  /** The connection that carried the claim has ended: says so, and tries to get another, also when nothing waits. */
  claimLost(reason: string): void {
    if (this.state === 'stopped') return;
    this.failed(new Error(reason));
    this.changes.await(() => undefined);
    this.changed();
  }

  /** Commits what waits, as far as the database lets it within `graceMs`, and gives the claim back. */
  async stop(graceMs: number): Promise<void> {
    if (this.state === 'gathering') this.due();
    const deadline = performance.now() + graceMs;
    while (this.state !== 'idle' && performance.now() < deadline) await pause(5);
    this.state = 'stopped';
    clearTimeout(this.gatherTimer);
    await this.claim?.release();
  }

  private due(): void {
    clearTimeout(this.gatherTimer);
    this.state = 'due';
    // After everything that this turn of the event loop has read.
    setImmediate(() => void this.commitAll());
  }

  private async commitAll(): Promise<void> {
    do {
      this.state = 'committing';
      const batch = this.take();
      if (!(await this.commit(batch))) return;
      for (const entry of batch.entries) {
        this.pendingBytes -= entry.bytes;
        entry.committed();
      }
      batch.changes.committed();
      this.notifyRoom();
    } while (this.isUrgent || this.changes.isUrgent);
    this.state = 'idle';
    if (this.entries.length > 0 || !this.changes.isEmpty) this.changed();
  }

  /** The entries that have waited longest, and all changes beside them that may go before the rest. */
  private take(): Batch {
    this.sweep();
    let taken = 0;
    for (let rows = 0; taken < this.entries.length && rows < BATCH_ROWS_MAX; taken++) {
      rows += Math.max(1, this.entries[taken]?.deliveries.length ?? 0);
    }
    const entries = this.entries.slice(0, taken);
    this.entries = this.entries.slice(taken);
    const { changes } = this;
    this.changes = new Changes();
    this.isUrgent = this.entries.length > 0;
    if (this.entries.length > 0) {
      [this.changes.trims, changes.trims] = [changes.trims, this.changes.trims];
      [this.changes.endedSessions, changes.endedSessions] = [
        changes.endedSessions,
        this.changes.endedSessions,
      ];
    }
    return { number: this.lastBatch + 1, entries, changes };
  }

  private sweep(): void {
    if (this.obsolete === 0) return;
    this.obsolete = 0;
    this.entries = this.entries.filter((entry) => {
      if (entry.isObsolete) this.pendingBytes -= entry.bytes;
      return !entry.isObsolete;
    });
  }

  private notifyRoom(): void {
    if (!this.wasFull || this.pendingBytes > this.options.bytesMax / 2) return;
    this.wasFull = false;
    for (const listener of this.roomListeners) listener();
  }

  /** @returns false when the broker stops before it succeeds. */
  private async commit(batch: Batch): Promise<boolean> {
    if (batch.entries.length === 0 && batch.changes.isEmpty) return true;
    for (
      let retryMs = RETRY_MS_MIN;
      this.state !== 'stopped';
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
    ) {
      try {
        await this.write(batch, retryMs > RETRY_MS_MIN);
        this.recovered();
        return true;
      } catch (error) {
        this.failed(error);
        await pause(retryMs);
      }
    }
    return false;
  }

  private async write({ number, entries, changes }: Batch, isRetry: boolean): Promise<void> {
    if (this.claim?.isHeld !== true) this.claim = await this.options.claim();
    const { sql } = this.claim;
    if (!isRetry || !(await isCommitted(sql, number))) {
      await this.options.writer.write(sql, { number, entries, changes });
    }
    this.lastBatch = number;
    this.commits++;
    for (const { deliveries } of entries) {
      for (const { delivery } of deliveries) if (delivery.storage === 'writing') delivery.storage = 'written';
      this.rowsWritten += deliveries.length;
    }
  }

  private failed(error: unknown): void {
    const { logger, onSuperseded } = this.options;
    if (isSuperseded(error)) {
      this.state = 'stopped';
      onSuperseded(error);
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (this.failure === undefined)
      logger.error('the database is away: durable changes wait for it', { reason });
    this.failure = reason;
  }

  private recovered(): void {
    if (this.failure === undefined) return;
    this.failure = undefined;
    this.options.logger.warn('the database is back');
  }
}

async function isCommitted(sql: Sql, number: number): Promise<boolean> {
  const [row] = await sql<{ batch: string }[]>`select batch from surety.journal_state`;
  return Number(row?.batch) === number;
}

function isSuperseded(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'another-broker';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
