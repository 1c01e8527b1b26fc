import type { DeliveryJournal, JournalEntry } from '../../application/ports/delivery-journal.js';
import type { Delivery } from '../../domain/session/delivery.js';
import type { StoredSession } from '../../domain/session/delivery-store.js';

/** Keeps nothing: with persistence off, what is in memory is as durable as it gets. */
export class VolatileJournal implements DeliveryJournal {
  append(entry: JournalEntry): void {
    entry.committed();
  }

  settle(): void {
    // Nothing was stored.
  }

  received(_session: StoredSession, _delivery: Delivery, committed: () => void): void {
    committed();
  }

  forgetReceivedId(_session: StoredSession, _packetId: number, committed: () => void): void {
    committed();
  }

  trim(): void {
    // Nothing was stored.
  }
}
