import { Delivery } from '../../src/domain/session/delivery.js';
import type {
  BacklogRange,
  DeliveryStore,
  StoredSession,
  Trim,
} from '../../src/domain/session/delivery-store.js';
import type { Session } from '../../src/domain/session/session.js';
import { releasedBy } from './releases.js';

interface Row {
  readonly delivery: Delivery;
  released: boolean;
}

/**
 * A database for one session: what is gathered becomes durable, and reads are answered, when the test
 * says so. Changes are committed in the order in which they were gathered.
 */
export class SteppedStore implements DeliveryStore {
  session: Session | undefined;
  /** What is durable, by sequence. */
  private readonly rows = new Map<number, Row>();
  private pending: Delivery[] = [];
  private writing: Delivery[] = [];
  private changes: (() => void)[] = [];
  private writingChanges: (() => void)[] = [];
  private reads: { readonly session: StoredSession; readonly range: BacklogRange }[] = [];

  /** The deliveries that are durable, oldest first. */
  get durable(): Delivery[] {
    return [...this.rows.values()].map(({ delivery }) => delivery).sort((a, b) => a.sequence - b.sequence);
  }

  get isIdle(): boolean {
    return (
      this.pending.length +
        this.writing.length +
        this.changes.length +
        this.writingChanges.length +
        this.reads.length ===
      0
    );
  }

  append(delivery: Delivery): void {
    this.pending.push(delivery);
  }

  keep(_session: StoredSession, delivery: Delivery): void {
    this.append(delivery);
  }

  drop(_session: StoredSession, delivery: Delivery): void {
    this.settle(delivery);
  }

  /** It is owed no longer: what was not being written yet never is. */
  settle(delivery: Delivery): void {
    if (delivery.storage === 'pending') this.pending = this.pending.filter((other) => other !== delivery);
    else this.changes.push(() => this.rows.delete(delivery.sequence));
  }

  /** PUBREC has come: `committed` is called when that is durable. */
  received(delivery: Delivery, committed: () => void): void {
    const isReleased = releasedBy(this.session ?? { receivedThrough: -1 }, delivery);
    this.changes.push(() => {
      for (const row of this.rows.values()) if (isReleased(row.delivery)) row.released = true;
      committed();
    });
  }

  trim(session: StoredSession, { after, through, expected }: Trim): void {
    this.changes.push(() => {
      let [messages, bytes] = [0, 0];
      for (const [sequence, { delivery }] of this.rows) {
        if (sequence <= after || sequence > through) continue;
        this.rows.delete(sequence);
        messages += 1;
        bytes += delivery.message.queueBytes;
      }
      session.trimmed(expected, { messages, bytes });
    });
  }

  read(session: StoredSession, range: BacklogRange): void {
    this.reads.push({ session, range });
  }

  replayed(): void {
    // Subscriptions are no part of what is stored here.
  }

  /** A transaction begins with what waits; deliveries at most so many, and changes only behind them all. */
  beginCommit(deliveriesMax = Infinity): void {
    if (this.writing.length + this.writingChanges.length > 0) return;
    this.writing = this.pending.splice(0, deliveriesMax);
    for (const delivery of this.writing) delivery.storage = 'writing';
    if (this.pending.length === 0) this.writingChanges = this.changes.splice(0);
  }

  /** The transaction under way ends, and those who wait are told. */
  endCommit(): void {
    const written = this.writing;
    this.writing = [];
    for (const delivery of written) {
      delivery.storage = 'written';
      this.rows.set(delivery.sequence, { delivery, released: false });
    }
    for (const delivery of written) this.session?.stored(delivery);
    for (const change of this.writingChanges.splice(0)) change();
  }

  /** The oldest read is answered, by what is durable now. */
  answerRead(): void {
    const read = this.reads.shift();
    if (read === undefined) return;
    const { session, range } = read;
    const found = [...this.rows.entries()]
      .filter(([sequence]) => sequence > range.after && sequence <= range.through)
      .sort(([a], [b]) => a - b)
      .slice(0, range.messagesMax);
    session.restock({ range, deliveries: found.map(([, row]) => readBack(row)) });
  }

  /** The broker is gone, and with it all that was not durable. */
  crash(): void {
    for (const gathered of [this.pending, this.writing, this.changes, this.writingChanges, this.reads])
      gathered.splice(0);
  }
}

function readBack({ delivery: { sequence, message, qos, retain }, released }: Row): Delivery {
  const copy = new Delivery(sequence, message, qos, retain);
  copy.storage = 'written';
  if (released) copy.stage = 'released';
  return copy;
}
