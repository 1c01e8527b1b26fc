import type { ClientId } from '../../src/domain/client-id.js';
import { Counters } from '../../src/domain/counters.js';
import { Session, type SessionLimits } from '../../src/domain/session/session.js';

/** What a test wants other than usual. */
export interface SessionOptions {
  readonly limits?: Partial<SessionLimits>;
  readonly durable?: boolean;
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

/** A session that keeps what it owes in memory alone. */
export function makeSession({ limits = {}, durable = true }: SessionOptions = {}): MadeSession {
  const counters = new Counters();
  const session = new Session('client' as ClientId, durable, { ...LIMITS, ...limits }, counters);
  return { session, counters };
}
