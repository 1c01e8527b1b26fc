import type { Delivery } from '../../src/domain/session/delivery.js';
import type { StoredSession } from '../../src/domain/session/delivery-store.js';

/**
 * Which rows a PUBREC marks, as the database does it: all at QoS 2 as far as the session says that all have
 * been received, or else this one alone.
 */
export function releasedBy(
  { receivedThrough }: Pick<StoredSession, 'receivedThrough'>,
  received: Delivery,
): (row: Pick<Delivery, 'sequence' | 'qos'>) => boolean {
  const { sequence } = received;
  return sequence <= receivedThrough
    ? (row) => row.qos === 2 && row.sequence <= receivedThrough
    : (row) => row.sequence === sequence;
}
