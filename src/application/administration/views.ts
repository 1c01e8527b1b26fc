import type { QoS } from '../../domain/qos.js';
import type { DeliveryStage } from '../../domain/session/delivery.js';

/** Where a walk goes on: behind this number, and behind this name among what has that number. */
export interface Place {
  readonly number: number;
  readonly name?: string | undefined;
}

/** A part of a walk. It may have found little, or nothing, and still not be at the end. */
export interface Step<T> {
  readonly items: readonly T[];
  /** Undefined at the end. */
  readonly next: Place | undefined;
}

/** Something that was done. */
export interface Change {
  /** Resolves when it is durable: the database may be away. */
  readonly durable: Promise<void>;
}

/** A connected client. Times are milliseconds since the epoch. */
export interface ClientView {
  readonly clientId: string;
  /** The name that it has proved; undefined for an anonymous one. */
  readonly principal: string | undefined;
  readonly address: string;
  readonly listener: string;
  readonly connectedAtMs: number;
  /** 0 if it has promised none. */
  readonly keepAliveSeconds: number;
  readonly cleanSession: boolean;
  readonly subscriptions: number;
  readonly inflight: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** Bytes that wait to be taken by the network. */
  readonly outboxBytes: number;
}

/** A session, of a client that is there or away. */
export interface SessionView {
  readonly clientId: string;
  readonly key: number;
  /** Whether it outlives its connection. */
  readonly durable: boolean;
  readonly connected: boolean;
  /** Undefined while its client is connected. */
  readonly disconnectedAtMs: number | undefined;
  readonly subscriptions: number;
  readonly inflight: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
}

export interface SubscriptionView {
  readonly clientId: string;
  readonly filter: string;
  readonly qos: QoS;
}

export interface RetainedView {
  readonly topic: string;
  readonly qos: QoS;
  readonly publishedAtMs: number;
  readonly payload: Uint8Array;
}

/** A message that a session owes its client. */
export interface QueuedView {
  /** Its place in the order of sending. */
  readonly sequence: number;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** How far it has come; `queued` for what wasn't sent on this connection. */
  readonly stage: DeliveryStage;
  readonly payload: Uint8Array;
}

/** A step of a walk by names, of which so many were asked for. */
export function stepByName<T extends { readonly name: string }>(items: readonly T[], limit: number): Step<T> {
  const last = items.at(-1);
  return {
    items,
    next: last === undefined || items.length < limit ? undefined : { number: 0, name: last.name },
  };
}
