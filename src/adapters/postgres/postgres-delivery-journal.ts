import type { DeliveryJournal, JournalEntry } from '../../application/ports/delivery-journal.js';
import type { Delivery } from '../../domain/session/delivery.js';
import type { StoredSession, Trim, TrimTelling } from '../../domain/session/delivery-store.js';
import type { GroupCommit } from './journal/group-commit.js';

/** The delivery journal in PostgreSQL, by way of the group commit. */
export class PostgresDeliveryJournal implements DeliveryJournal {
  /** Deliveries that were acknowledged before they had to be written. For the metrics. */
  elided = 0;

  constructor(private readonly commit: GroupCommit) {}

  append(entry: JournalEntry): void {
    this.commit.append(entry);
  }

  settle(session: StoredSession, delivery: Delivery): void {
    if (delivery.storage === 'pending') {
      this.elided++;
      this.commit.settledUnwritten(delivery.trace !== undefined);
    } else {
      this.commit.changes.settle(session.key, delivery.sequence);
      this.commit.changed();
    }
  }

  received(session: StoredSession, delivery: Delivery, committed: () => void): void {
    const { changes } = this.commit;
    const { key, receivedThrough } = session;
    if (delivery.sequence <= receivedThrough) changes.receivedThrough.set(key, receivedThrough);
    else changes.release(key, delivery.sequence);
    this.commit.changes.await(committed);
    this.commit.changed();
  }

  forgetReceivedId({ key }: StoredSession, packetId: number, committed: () => void): void {
    this.commit.changes.freedIds.push({ key, packetId, behindEntry: this.commit.entriesGathered });
    this.commit.changes.await(committed);
    this.commit.changed();
  }

  trim(session: StoredSession, trim: Trim, telling?: TrimTelling): void {
    this.commit.changes.trim(session, trim, { behindEntry: this.commit.entriesGathered, telling });
    this.commit.changed();
  }
}
