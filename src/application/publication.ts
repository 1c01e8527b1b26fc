import type { AuditEvent } from '../domain/audit/audit-event.js';
import type { Delivery, DeliveryTracker } from '../domain/session/delivery.js';
import type { Session } from '../domain/session/session.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalEntry, RetainedChange } from './ports/delivery-journal.js';
import type { Receipt } from './receipt-queue.js';

/** A receipt that waits for a publication, and whose it is. */
interface Answer {
  readonly client: ConnectedClient;
  readonly receipt: Receipt;
}

/** A delivery, and whose it is. */
interface Owed {
  readonly session: Session;
  readonly delivery: Delivery;
}

/** Counts the rows that wait to be written. */
export interface RowCount {
  /** So many don't any more. */
  remove(rows: number): void;
}

const NOTHING: readonly never[] = [];

/** Most lists here have one item: an array that grows to it would take room for seventeen. */
function and<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

/**
 * The durable side of one publish, until the broker owns it: when it is committed, or when every
 * stored receiver has acknowledged it before it came to that. Only then may its sender be answered.
 */
export class Publication implements JournalEntry, DeliveryTracker {
  deliveries: readonly Owed[] = NOTHING;
  retained: RetainedChange | undefined;
  received: { readonly session: Session; readonly packetId: number } | undefined;
  willOf: number | undefined;
  events: AuditEvent[] | undefined;
  trace: number | undefined;

  private unsettled = 0;
  private isOwned = false;
  private answers: readonly Answer[] = NOTHING;
  private rowCount: RowCount | undefined;
  private rows = 0;

  /** @param bytes One copy of the message's topic and payload. */
  constructor(readonly bytes: number) {}

  /** Whether the sender may be answered. */
  get isDone(): boolean {
    return this.isOwned;
  }

  /** Whether `countIn` was called. */
  get isCounted(): boolean {
    return this.rowCount !== undefined;
  }

  get isUrgent(): boolean {
    if (this.hasMoreThanTrace || (this.trace !== undefined && this.unsettled === 0)) return true;
    return this.deliveries.some(({ delivery }) => delivery.stage === 'queued');
  }

  get isObsolete(): boolean {
    return this.unsettled === 0 && !this.mustCommit;
  }

  owe(session: Session, delivery: Delivery): void {
    this.deliveries = and(this.deliveries, { session, delivery });
    delivery.tracker = this;
    this.unsettled++;
  }

  /** Has the audit trail told, in the same transaction. */
  tell(event: AuditEvent): void {
    (this.events ??= []).push(event);
  }

  /** Has a receipt sent once the broker owns the message. */
  answer(client: ConnectedClient, receipt: Receipt): void {
    this.answers = and(this.answers, { client, receipt });
  }

  /** Its rows were counted: they no longer wait once the broker owns it. */
  countIn(count: RowCount, rows: number): void {
    this.rowCount = count;
    this.rows = rows;
  }

  settled(delivery: Delivery): void {
    delivery.tracker = undefined;
    this.unsettled--;
    if (this.isObsolete) this.own();
  }

  committed(): void {
    for (const { session, delivery } of this.deliveries) {
      // Settled before it was to be written: the store hasn't seen it.
      if (delivery.storage === 'pending') continue;
      delivery.tracker = undefined;
      session.stored(delivery);
    }
    this.received?.session.receivedIds.pass(this.received.packetId);
    this.own();
  }

  /** What is more than deliveries can't be made up for by the receivers' acknowledgements. */
  private get mustCommit(): boolean {
    return this.trace !== undefined || this.hasMoreThanTrace;
  }

  private get hasMoreThanTrace(): boolean {
    const { retained, received, willOf, events } = this;
    return retained !== undefined || received !== undefined || willOf !== undefined || events !== undefined;
  }

  private own(): void {
    if (this.isOwned) return;
    this.isOwned = true;
    for (const { client, receipt } of this.answers) client.receipts.due(receipt);
    this.answers = NOTHING;
    this.rowCount?.remove(this.rows);
  }
}
