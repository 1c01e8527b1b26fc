import { setTimeout as pause } from 'node:timers/promises';

import type { JournalEntry } from '../../../application/ports/delivery-journal.js';
import type { StoreHealth } from '../../../application/ports/store-health.js';
import type { AuditEvent } from '../../../domain/audit/audit-event.js';
import type { Outcome } from '../../../domain/audit/receiver-trace.js';
import { isSuperseded } from '../start-failure.js';
import type { Batch, Changes, GatheredEvent } from './batch.js';
import { ChangeQueue } from './change-queue.js';
import { DatabaseHealth } from './database-health.js';
import { endWriting, EntryQueue } from './entry-queue.js';
import type { GroupCommitOptions } from './group-commit-options.js';
import { JournalFigures } from './journal-figures.js';
import { JournalRoom } from './journal-room.js';
import { type MessageOutcomes, OUTCOME_BYTES } from './message-outcomes.js';
import { eventBytes } from './trail-end.js';
import type { WriteClaim } from './write-claim.js';

/**
 * How long changes gather for which nobody waits urgently, in milliseconds. A receiver that
 * acknowledges within it spares the write.
 */
const GATHER_MS = 10;
/** How long events gather for which nobody waits, in milliseconds, before a commit is made for them alone. */
const EVENTS_GATHER_MS = 1000;
/** Past so many events they are committed without that wait. */
const EVENTS_MAX = 1000;
/** Entries are swept for obsolete ones when at least so many have become obsolete. */
const OBSOLETE_MIN = 1000;
/** Messages that one transaction tells of at most. */
const BATCH_MESSAGES_MAX = 4096;
/** How often an idle database is asked whether it is there, in milliseconds. */
const PROBE_MS = 5000;
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
 * database tells whether it went through, or whether another broker has written since: then this one ends.
 */
export class GroupCommit implements StoreHealth {
  readonly figures = new JournalFigures();

  /** The highest number that a session has had: durable with all that names it. */
  lastSessionKey: number;
  private readonly queue = new ChangeQueue();
  private readonly entries = new EntryQueue();
  private eventsTimer: NodeJS.Timeout | undefined;
  private isUrgent = false;
  /** Whether the next batch leaves waiting what may still be acknowledged. */
  private isPatient = false;
  /** When what gathers is committed at the latest; undefined when nothing does. */
  private gatherEndMs: number | undefined;
  private obsolete = 0;
  private readonly room: JournalRoom;
  private readonly health: DatabaseHealth;
  private readonly probeTimer: NodeJS.Timeout;
  private claim: WriteClaim;
  private giveUpWriting: ((error: Error) => void) | undefined;
  private lastBatch: number;
  private state: 'idle' | 'gathering' | 'due' | 'committing' | 'stopped' = 'idle';
  private gatherTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupCommitOptions) {
    this.lastBatch = options.lastBatch;
    this.lastSessionKey = options.lastSessionKey;
    this.room = new JournalRoom(options.limits, options.trail.messages);
    this.health = new DatabaseHealth(options.logger);
    this.claim = options.firstClaim;
    this.watch(this.claim);
    this.probeTimer = setInterval(() => void this.probe(), PROBE_MS).unref();
  }

  /** Changes beside the entries. Whoever adds to them calls `changed` next. */
  get changes(): Changes {
    return this.queue.last;
  }

  /** Entries gathered so far: a removal is told behind which of them it stands. */
  get entriesGathered(): number {
    return this.entries.gathered;
  }

  get failure(): string | undefined {
    return this.health.failure;
  }

  get isFull(): boolean {
    return this.room.isFull;
  }

  get isTrailFull(): boolean {
    return this.room.isTrailFull;
  }

  /** Topic and payload bytes that wait to be committed. */
  get bytes(): number {
    return this.room.bytes;
  }

  onFailure(listener: () => void): void {
    this.health.onFailure(listener);
  }

  onRoom(listener: () => void): void {
    this.room.onRoom(listener);
  }

  append(entry: JournalEntry): void {
    const events = entry.events?.flatMap((event) => this.gather(event) ?? []);
    this.entries.add(entry, events);
    this.room.pendingBytes += entry.bytes;
    if (entry.isUrgent) this.isUrgent = true;
    this.changed();
  }

  /** Has an event committed with the changes that were gathered in the same turn, or within a second. */
  record(event: AuditEvent): void {
    const gathered = this.gather(event);
    if (gathered === undefined) return;
    this.changes.events.push(gathered);
    this.changes.eventBytes += eventBytes(event);
    this.recorded();
  }

  /** Has told what became of a message, with what it changes. */
  tell<K extends 'delivered' | 'acknowledged' | 'dropped'>(
    kind: K,
    outcome: MessageOutcomes[K][number],
  ): void {
    const outcomes: Outcome[] = this.changes.outcomes[kind];
    outcomes.push(outcome);
    this.room.countEvents(OUTCOME_BYTES);
    this.recorded();
  }

  /**
   * Gives an event its place; whoever asks for it hands it on with what it tells of.
   * @returns undefined when it is let go.
   */
  gather(event: AuditEvent): GatheredEvent | undefined {
    const gathered = this.options.trail.gather(event);
    if (gathered !== undefined) this.room.countEvents(eventBytes(event));
    return gathered;
  }

  /** Has removed what is left of sessions that ended before this start. */
  removeEnded(keys: Iterable<number>): void {
    this.options.writer.ended.add(keys);
    this.changed();
  }

  /** What was gathered is whole: if it is enough for a transaction, what follows gathers for another one. */
  seal(): void {
    this.queue.seal(this.entries.gathered);
  }

  /** Something was gathered: has it committed, at once if it is urgent. */
  changed(): void {
    this.figures.gathered();
    this.queue.sealLater(this.entries.countGathered);
    if (this.state === 'idle') {
      this.state = 'gathering';
      this.gatherEndMs ??= performance.now() + GATHER_MS;
      this.gatherTimer = setTimeout(() => this.due(), Math.max(0, this.gatherEndMs - performance.now()));
    }
    if (this.state !== 'gathering') return;
    if (this.isUrgent || this.queue.isUrgent) this.due();
    else if (this.entries.first?.entry.isUrgent === true) this.dueIfReady();
  }

  /**
   * A delivery was settled before it was written.
   * @param isFollowed Whether its entry is committed nevertheless, as the audit trail tells of it.
   */
  settledUnwritten(isFollowed: boolean): void {
    if (this.state === 'gathering') this.dueIfReady();
    if (isFollowed) return;
    this.obsolete++;
    const isMany = this.obsolete >= OBSOLETE_MIN && this.obsolete >= this.entries.length / 2;
    if (!isMany && !(this.room.isAwaited && this.obsolete >= this.entries.length / 16)) return;
    this.sweep();
    this.room.notify();
  }

  /** The connection that carried the claim has ended: says so, and tries to get another, also when nothing waits. */
  private claimLost(reason: string): void {
    if (this.state === 'stopped') return;
    this.failed(new Error(reason));
    this.giveUpWriting?.(new Error(reason));
    this.changes.await(() => undefined);
    this.changed();
  }

  /** Commits what waits, as far as the database lets it within `graceMs`, and gives the claim back. */
  async stop(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.state !== 'idle' || this.isTelling) {
      if (this.state === 'gathering' || this.state === 'idle') this.due();
      if (performance.now() >= deadline) break;
      await pause(5);
    }
    this.state = 'stopped';
    clearTimeout(this.gatherTimer);
    clearTimeout(this.eventsTimer);
    clearInterval(this.probeTimer);
    await this.claim.release();
  }

  /** There are events, or messages to be told, which can wait longer than anything else. */
  recorded(): void {
    this.queue.sealLater(this.entries.countGathered);
    if (this.state !== 'idle') return;
    const { events, outcomes } = this.changes;
    if (events.length + outcomes.count + this.options.trail.messages.length >= EVENTS_MAX) this.changed();
    else this.eventsTimer ??= setTimeout(() => this.changed(), EVENTS_GATHER_MS);
  }

  /** What the audit trail follows is committed as soon as its receivers have acknowledged it. */
  private dueIfReady(): void {
    const first = this.entries.first?.entry;
    if (first?.trace === undefined) return;
    this.due();
    this.isPatient = true;
  }

  private due(): void {
    clearTimeout(this.gatherTimer);
    this.isPatient = false;
    this.state = 'due';
    // After everything that this turn of the event loop has read.
    setImmediate(() => void this.commitAll());
  }

  /** Whether there is something that can wait. */
  private get isTelling(): boolean {
    return !this.queue.isEmpty || this.options.trail.messages.length > 0;
  }

  /** Whether deliveries of sessions that have ended are left. */
  private get isRemoving(): boolean {
    return !this.options.writer.ended.isEmpty;
  }

  private async commitAll(): Promise<void> {
    if (this.isStopped()) return;
    do {
      this.state = 'committing';
      const batch = this.take();
      if (!(await this.commit(batch))) return;
      for (const { entry } of batch.awaiting) {
        this.room.pendingBytes -= entry.bytes;
        entry.committed();
      }
      batch.changes.committed();
      for (const { record } of batch.records) this.room.countEvents(-eventBytes(record));
      this.room.countEvents(-batch.changes.outcomes.bytes);
      this.options.trail.committed(batch.records);
      this.room.notify();
      if (this.isStopped()) return;
    } while (this.isUrgent || this.queue.isUrgent);
    this.state = 'idle';
    if (this.entries.length > 0 || this.queue.isChange || this.isRemoving) this.changed();
    else if (this.isTelling) this.recorded();
  }

  /** The entries that have waited longest, and all changes beside them that may go before the rest. */
  private take(): Batch {
    this.sweep();
    clearTimeout(this.eventsTimer);
    this.eventsTimer = undefined;
    const isPatient = this.isPatient && !this.isUrgent && !this.queue.isUrgent;
    const { changes, entriesBefore } = this.queue.take();
    const { trail } = this.options;
    const messagesEnd = Math.min(trail.messages.next, trail.messages.first + BATCH_MESSAGES_MAX);
    const taken = this.entries.take(isPatient, { entriesEnd: entriesBefore, messagesEnd });
    // The first that is still under way doesn't wait for longer because others come to their end meanwhile.
    if (!isPatient || taken.all.length > 0) this.gatherEndMs = undefined;
    this.isUrgent = this.entries.length > 0 && !isPatient;
    this.figures.taken(this.entries.length > 0 || this.queue.isChange);
    changes.postponeRemovals(this.queue.next, this.entries.first?.number);
    return {
      number: this.lastBatch + 1,
      sessionKey: this.lastSessionKey,
      entries: taken.writing,
      awaiting: taken.all,
      changes,
      records: trail.link(taken.writing, changes, this.entries.messagesBefore(messagesEnd)),
    };
  }

  private sweep(): void {
    if (this.obsolete === 0) return;
    this.obsolete = 0;
    this.room.pendingBytes -= this.entries.sweep();
  }

  /** @returns false when the broker stops before it succeeds. */
  private async commit(batch: Batch): Promise<boolean> {
    const { awaiting, records, changes } = batch;
    if (awaiting.length + records.length === 0 && changes.isEmpty && !this.isRemoving) return true;
    for (let retryMs = RETRY_MS_MIN; !this.isStopped(); retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)) {
      try {
        await this.health.watched(this.write(batch));
        return true;
      } catch (error) {
        this.figures.failures++;
        this.failed(error);
        // A stop that has given the database up is not held up by it.
        await pause(retryMs, undefined, { ref: false });
      }
    }
    return false;
  }

  private async write(batch: Batch): Promise<void> {
    const { number, entries, records } = batch;
    const { trail, writer } = this.options;
    // After a failure the claim isn't held any more either.
    const isRenewed = !this.claim.isHeld;
    if (isRenewed) await this.renewClaim();
    const { claim } = this;
    const beganMs = performance.now();
    try {
      const isWritten = isRenewed && (await writer.isCommitted(claim.sql, number));
      if (!isWritten) {
        await this.unlessLost(trail.cover(claim.sql, records));
        await this.unlessLost(writer.write(claim, batch));
      }
    } catch (error) {
      trail.writeFailed();
      // Ends the connection, and with it the transaction.
      await claim.release().catch(() => undefined);
      throw error;
    }
    this.lastBatch = number;
    this.figures.committed(endWriting(entries), beganMs);
  }

  /** An idle database can go away too. */
  private async probe(): Promise<void> {
    if (this.state !== 'idle' || !this.claim.isHeld) return;
    await this.health.watched(this.claim.sql`select 1`).catch((error: unknown) => this.failed(error));
  }

  /**
   * What is written on a connection that was lost has failed, whether or not the driver says so. Whether it was
   * committed is asked by the next claim, which has to wait for the old connection's end.
   */
  private async unlessLost(writing: Promise<void>): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.giveUpWriting = reject;
        writing.then(resolve, reject);
      });
    } finally {
      this.giveUpWriting = undefined;
    }
  }

  /** @throws when the broker stops meanwhile: nobody would give the claim back. */
  private async renewClaim(): Promise<void> {
    const claim = await this.options.claim();
    if (this.isStopped()) {
      await claim.release();
      throw new Error('the broker stops');
    }
    void this.claim.release().catch(() => undefined);
    this.claim = claim;
    this.watch(claim);
  }

  private watch(claim: WriteClaim): void {
    claim.onLost(() => this.claimLost('the connection to the database was lost'));
  }

  private isStopped(): boolean {
    return this.state === 'stopped';
  }

  private failed(error: unknown): void {
    if (!isSuperseded(error)) return this.health.failed(error);
    this.state = 'stopped';
    this.options.onSuperseded(error);
  }
}
