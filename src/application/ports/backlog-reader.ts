import type { Delivery } from '../../domain/session/delivery.js';
import type { BacklogRange, StoredSession } from '../../domain/session/delivery-store.js';

/** Reads back what stands in the journal alone. */
export interface BacklogReader {
  /** The deliveries in a range, in order. Waits while the database is away; never rejects. */
  read(session: StoredSession, range: BacklogRange): Promise<readonly Delivery[]>;
}
