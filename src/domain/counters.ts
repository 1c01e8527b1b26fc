import { AuthorizationCounts } from './access/authorization-counts.js';
import { FixedHistogram, WAIT_SECONDS } from './fixed-histogram.js';
import { PairCounts } from './pair-counts.js';
import { SessionTotals } from './session/session-totals.js';

/** Why a message was discarded. Closed, so that each reason can be a metric of its own. */
export const DROP_REASONS = [
  /** At QoS 0, for a durable session whose client is away. */
  'offline',
  /** At QoS 0, for a client that doesn't read. */
  'outbox_full',
  /** At QoS 1 or 2, from a session queue over its limit; the oldest or the newest by policy. */
  'queue_full',
  /** Published without permission. */
  'denied',
  /** Owed or about to be sent to a client that may not receive it. */
  'receive_denied',
  /** Published by a client to a topic that belongs to the server. */
  'server_topic',
  /** Retained, over the limit of retained messages: routed but not kept. */
  'retained_full',
  /** Waited for a client, and was thrown away by an administrator. */
  'purged',
  /** Still owed by a session that was deleted or expired. */
  'session_ended',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why a client that publishes is read from more slowly. */
export const SLOW_REASONS = [
  /** More messages a second than it may publish. */
  'message_rate',
  /** More bytes a second than it may send. */
  'byte_rate',
  /** The broker's memory is over its limit. */
  'memory',
  /** What it published waits to be committed. */
  'journal',
] as const;
export type SlowReason = (typeof SLOW_REASONS)[number];

/** Why a filter is answered by SUBACK code 0x80. */
export const SUBSCRIPTION_REFUSALS = ['not_authorized', 'too_many_subscriptions'] as const;
export type SubscriptionRefusal = (typeof SUBSCRIPTION_REFUSALS)[number];

/**
 * What the broker has counted since it started. Plain fields, because the data plane counts every
 * message: whoever reports them reads them when asked.
 */
export class Counters {
  /** PUBLISH packets by QoS. */
  readonly received: [number, number, number] = [0, 0, 0];
  readonly sent: [number, number, number] = [0, 0, 0];
  /** Payload bytes of PUBLISH packets by QoS. */
  readonly receivedPayloadBytes: [number, number, number] = [0, 0, 0];
  readonly sentPayloadBytes: [number, number, number] = [0, 0, 0];
  /** Packets of every kind, and all their bytes. */
  receivedPackets = 0;
  sentPackets = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** How long senders waited for a PUBACK, PUBREC or PUBCOMP that wasn't due at once, in seconds. */
  readonly acknowledged = new FixedHistogram(WAIT_SECONDS);
  connectionsOpened = 0;
  connectsAccepted = 0;
  /** Clients that were connected at once, at most. */
  clientsMax = 0;
  /** By provider and result. */
  readonly authentications = new PairCounts();
  readonly authorizations = new AuthorizationCounts();
  takeovers = 0;
  /** Refused CONNECTs by CONNACK code. */
  readonly connectsRefused = new Map<number, number>();
  /** Connections closed, by reason. */
  readonly closed = new Map<string, number>();
  readonly dropped = zeros(DROP_REASONS);
  /** Times that reading from a publisher was put off, by reason. */
  readonly slowed = zeros(SLOW_REASONS);
  /** Subscriptions answered by SUBACK code 0x80, by reason. */
  readonly subscriptionsRefused = zeros(SUBSCRIPTION_REFUSALS);
  sessionsExpired = 0;
  willsPublished = 0;
  readonly totals = new SessionTotals();
  /** Faults of our own that were contained in one connection or one entry of a sweep. */
  internalErrors = 0;
}

function zeros<K extends string>(reasons: readonly K[]): Record<K, number> {
  return Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<K, number>;
}

/** Adds one to a count by key. */
export function countUp<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
