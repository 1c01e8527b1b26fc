import type { Subscription } from '../subscription/subscription.js';
import type { Delivery } from './delivery.js';

/** A session, as its store knows it. */
export interface StoredSession {
  /** The session's number in the store. */
  readonly key: number;
  /** Every QoS 2 delivery up to this sequence has been received by the client, or settled; -1 at first. */
  readonly receivedThrough: number;
  /** Takes deliveries that were asked for by `read`. */
  restock(page: BacklogPage): void;
  /** Tells what a `trim` really removed. */
  trimmed(expected: ExpectedTrim, removed: Trimmed): void;
}

/** Deliveries of a session by sequence: those behind `after`, up to and with `through`. */
export interface BacklogRange {
  readonly after: number;
  readonly through: number;
  readonly messagesMax: number;
}

/** What was found in a range, in order. */
export interface BacklogPage {
  readonly range: BacklogRange;
  readonly deliveries: readonly Delivery[];
}

/** A number of messages, and their topic and payload bytes. */
export interface Trimmed {
  readonly messages: number;
  readonly bytes: number;
}

/** What gives way, as far as the session can tell. */
export interface ExpectedTrim extends Trimmed {
  /** Whether an administrator threw it away; else it gave way in a full queue. */
  readonly isPurge?: true;
}

/** What a session owed when the broker started. */
export interface StoredBacklog extends Trimmed {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** When the oldest was stored, in milliseconds since the epoch. */
  readonly oldestAtMs?: number;
}

/** Deliveries that give way: those behind `after`, up to and with `through`. */
export interface Trim {
  readonly after: number;
  readonly through: number;
  /** What they amount to as far as the session can tell. */
  readonly expected: ExpectedTrim;
}

/** That a trim is told to the audit trail, since messages that it follows may be among what gives way. */
export interface TrimTelling {
  readonly clientId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Where a durable session keeps what it owes. All calls only gather; answers come later. */
export interface DeliveryStore {
  /** Stores a delivery that is no part of a publish: a retained message for a new subscription. */
  keep(session: StoredSession, delivery: Delivery): void;
  /** All retained messages for a subscription were offered. */
  replayed(session: StoredSession, subscription: Subscription<unknown>): void;
  /** Removes a delivery that gave way. */
  drop(session: StoredSession, delivery: Delivery): void;
  /** Removes what stands in the store alone; `trimmed` follows. */
  trim(session: StoredSession, trim: Trim): void;
  /** Reads deliveries back; `restock` follows. */
  read(session: StoredSession, range: BacklogRange): void;
}
