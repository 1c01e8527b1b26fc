import type { ClientId } from '../../src/domain/client-id.js';
import { Counters } from '../../src/domain/counters.js';
import type { DeliveryStore } from '../../src/domain/session/delivery-store.js';
import { Session } from '../../src/domain/session/session.js';
import type { SessionLimits } from '../../src/domain/session/session-limits.js';

/** What a test wants other than usual. */
export interface SessionOptions {
  readonly limits?: Partial<SessionLimits>;
  readonly durable?: boolean;
  /** Where it keeps what it owes, if that isn't memory alone. */
  readonly store?: DeliveryStore;
}

/** A session without a client, and what it counts. */
export interface MadeSession {
  readonly session: Session;
  readonly counters: Counters;
}

const LIMITS: SessionLimits = {
  inflightMax: 10,
  queueMessagesMax: 1000,
  queueBytesMax: 1_000_000,
  queuePolicy: 'dropOldest',
};

/** A session without a client. */
export function makeSession({ limits = {}, durable = true, store }: SessionOptions = {}): MadeSession {
  const counters = new Counters();
  const session = new Session({
    key: 1,
    clientId: 'client' as ClientId,
    durable,
    limits: { ...LIMITS, ...limits },
    counters,
    store,
  });
  return { session, counters };
}
