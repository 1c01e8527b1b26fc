import { Delivery } from '../../src/domain/session/delivery.js';
import type {
  BacklogRange,
  DeliveryStore,
  StoredSession,
  Trim,
} from '../../src/domain/session/delivery-store.js';
import { releasedBy } from './releases.js';

/** A delivery as it stands in the store. */
interface Row {
  readonly delivery: Delivery;
  isReleased: boolean;
}

type Change =
  | { readonly kind: 'insert'; readonly delivery: Delivery }
  | { readonly kind: 'settle'; readonly sequence: number }
  | {
      readonly kind: 'release';
      readonly isReleased: (row: Delivery) => boolean;
      readonly committed: () => void;
    }
  | { readonly kind: 'trim'; readonly trim: Trim }
  | { readonly kind: 'presence'; readonly sentThrough: number | undefined; readonly committed: () => void };

interface PendingRead {
  readonly range: BacklogRange;
  page: Delivery[] | undefined;
}

/** The owner of the store: what a journal tells a session beside what the store's port says. */
export interface OwedSession extends StoredSession {
  stored(delivery: Delivery): void;
}

/**
 * The store of one session, in memory. Nothing happens by itself: a test has the journal take its next
 * step (take a batch, commit it, tell of it), and the reader (look, answer), in any order it likes. A
 * read sees what is committed when the reader looks, and nothing else.
 */
export class FakeDeliveryStore implements DeliveryStore {
  /** Committed rows; sequences only grow, so their order is that of sending. */
  readonly rows = new Map<number, Row>();
  /** Topic and payload bytes of all rows. */
  rowBytes = 0;
  /** Deliveries that gave way in a full queue, by what the store was told or found. */
  readonly gaveWay: Delivery[] = [];
  /** Deliveries that a restart has lost, as they weren't committed. */
  readonly lost: Delivery[] = [];
  session: OwedSession | undefined;
  /** The last sequence that was sent before the client left; undefined while it is connected. As committed. */
  sentThrough: number | undefined = -1;

  private waiting: Change[] = [];
  private batch: Change[] | undefined;
  private isApplied = false;
  private reads: PendingRead[] = [];
  private tellLater: (() => void)[] = [];

  /** Whether there is nothing that the journal or the reader could do. */
  get isQuiet(): boolean {
    return this.waiting.length === 0 && this.batch === undefined && this.reads.length === 0;
  }

  get hasReads(): boolean {
    return this.reads.length > 0;
  }

  /** What a publish adds. */
  append(delivery: Delivery): void {
    this.waiting.push({ kind: 'insert', delivery });
  }

  keep(_session: StoredSession, delivery: Delivery): void {
    this.append(delivery);
  }

  replayed(): void {
    throw new Error('no retained messages are in this test');
  }

  drop(_session: StoredSession, delivery: Delivery): void {
    this.gaveWay.push(delivery);
    this.settle(delivery);
  }

  trim(_session: StoredSession, trim: Trim): void {
    this.waiting.push({ kind: 'trim', trim });
  }

  read(_session: StoredSession, range: BacklogRange): void {
    this.reads.push({ range, page: undefined });
  }

  /** The delivery is done. One that no batch holds yet is never written. */
  settle(delivery: Delivery): void {
    if (delivery.storage !== 'pending') this.waiting.push({ kind: 'settle', sequence: delivery.sequence });
  }

  received(session: StoredSession, delivery: Delivery, committed: () => void): void {
    this.waiting.push({ kind: 'release', isReleased: releasedBy(session, delivery), committed });
  }

  /** Its client comes, or goes after so much was sent to it. */
  setPresence(sentThrough: number | undefined, committed: () => void = () => undefined): void {
    this.waiting.push({ kind: 'presence', sentThrough, committed });
  }

  /** The journal's next step: takes up to `changesMax` changes, or commits them, or tells of them. */
  stepJournal(changesMax: number): void {
    if (this.batch === undefined) this.take(changesMax);
    else if (!this.isApplied) this.apply(this.batch);
    else this.tell(this.batch);
  }

  /** The reader's next step for one of the reads under way: looks, or answers. */
  stepReader(which: number): void {
    const read = this.reads[which % this.reads.length];
    if (read === undefined) return;
    if (read.page === undefined) {
      read.page = this.look(read.range);
      return;
    }
    this.reads = this.reads.filter((other) => other !== read);
    this.session?.restock({ range: read.range, deliveries: read.page });
  }

  /** The broker is gone, with all that wasn't committed. */
  crash(): void {
    const uncommitted = [...(this.isApplied ? [] : (this.batch ?? [])), ...this.waiting];
    for (const change of uncommitted) if (change.kind === 'insert') this.lost.push(change.delivery);
    this.waiting = [];
    this.batch = undefined;
    this.isApplied = false;
    this.reads = [];
    this.tellLater = [];
    this.session = undefined;
  }

  private take(changesMax: number): void {
    if (this.waiting.length === 0) return;
    this.batch = this.waiting.slice(0, changesMax);
    this.waiting = this.waiting.slice(changesMax);
    for (const change of this.batch) {
      if (change.kind === 'insert' && change.delivery.stage !== 'settled')
        change.delivery.storage = 'writing';
    }
  }

  private apply(batch: readonly Change[]): void {
    this.isApplied = true;
    for (const change of batch) {
      if (change.kind === 'settle') this.remove(change.sequence);
      else if (change.kind === 'trim') this.applyTrim(change.trim);
      else if (change.kind === 'presence') this.sentThrough = change.sentThrough;
      else if (change.kind === 'release') {
        for (const row of this.rows.values()) if (change.isReleased(row.delivery)) row.isReleased = true;
      } else if (change.delivery.storage === 'writing') {
        this.rows.set(change.delivery.sequence, { delivery: change.delivery, isReleased: false });
        this.rowBytes += change.delivery.message.queueBytes;
      }
    }
  }

  private applyTrim({ after, through, expected }: Trim): void {
    const removed = { messages: 0, bytes: 0 };
    for (let sequence = after + 1; sequence <= through; sequence += 1) {
      const row = this.remove(sequence);
      if (row === undefined) continue;
      this.gaveWay.push(row.delivery);
      removed.messages += 1;
      removed.bytes += row.delivery.message.queueBytes;
    }
    this.tellLater.push(() => this.session?.trimmed(expected, removed));
  }

  private remove(sequence: number): Row | undefined {
    const row = this.rows.get(sequence);
    this.rows.delete(sequence);
    this.rowBytes -= row?.delivery.message.queueBytes ?? 0;
    return row;
  }

  private tell(batch: readonly Change[]): void {
    this.batch = undefined;
    this.isApplied = false;
    for (const change of batch) {
      if (change.kind === 'insert' && change.delivery.storage === 'writing')
        change.delivery.storage = 'written';
    }
    for (const tell of this.tellLater.splice(0)) tell();
    for (const change of batch) {
      if (change.kind === 'insert') this.session?.stored(change.delivery);
      else if ('committed' in change) change.committed();
    }
  }

  private look({ after, through, messagesMax }: BacklogRange): Delivery[] {
    const page: Delivery[] = [];
    for (const { delivery: row, isReleased } of this.rows.values()) {
      if (row.sequence > through || page.length === messagesMax) break;
      if (row.sequence <= after) continue;
      const delivery = new Delivery(row.sequence, row.message, row.qos, row.retain);
      delivery.storage = 'written';
      if (isReleased) delivery.stage = 'released';
      page.push(delivery);
    }
    return page;
  }
}
