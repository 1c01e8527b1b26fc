import type { JournalEntry, RetainedChange } from '../../src/application/ports/delivery-journal.js';
import type { StoredSessionRow } from '../../src/application/ports/state-source.js';
import type { Storage } from '../../src/application/ports/storage.js';
import type { AuditEvent, AuditKind } from '../../src/domain/audit/audit-event.js';
import type { ClientId } from '../../src/domain/client-id.js';
import { Counters } from '../../src/domain/counters.js';
import { type Message, messageOf } from '../../src/domain/message.js';
import type { QoS } from '../../src/domain/qos.js';
import { Delivery } from '../../src/domain/session/delivery.js';
import { Session } from '../../src/domain/session/session.js';
import { payloadText, topicFilter, topicName } from './make-message.js';

const limits = {
  inflightMax: 10,
  queueMessagesMax: 1000,
  queueBytesMax: 1_000_000,
  queuePolicy: 'dropOldest' as const,
};

/** A session by its number in the store. */
export function storedSession(key: number, clientId = `client-${key}`): Session {
  const traits = { key, clientId: clientId as ClientId, durable: true, limits, store: undefined };
  return new Session({ ...traits, counters: new Counters() });
}

/** A message for the journal; its payload is text or bytes. */
export function messageFor(topic: string, payload: string | Uint8Array = '', qos: QoS = 1): Message {
  return messageOf(topicName(topic), Buffer.from(payload), qos, false);
}

/** A delivery that no journal has seen yet. */
export function deliveryOf(
  sequence: number,
  message: Message,
  over: { qos?: QoS; retain?: boolean } = {},
): Delivery {
  const delivery = new Delivery(sequence, message, over.qos ?? message.qos, over.retain ?? false);
  delivery.storage = 'pending';
  return delivery;
}

/** What a test wants of an entry other than nothing. */
export interface EntryParts {
  readonly deliveries?: readonly { readonly session: Session; readonly delivery: Delivery }[];
  readonly retained?: RetainedChange;
  readonly received?: { readonly session: Session; readonly packetId: number };
  readonly willOf?: number;
  readonly events?: readonly AuditEvent[];
  readonly trace?: number;
  readonly committed?: () => void;
}

export function entryOf({
  deliveries = [],
  retained,
  received,
  willOf,
  events,
  trace,
  committed,
}: EntryParts): JournalEntry {
  const mustCommit = [retained, received, willOf, events, trace].some((part) => part !== undefined);
  return {
    deliveries,
    retained,
    received,
    willOf,
    events,
    trace,
    bytes: deliveries[0]?.delivery.message.queueBytes ?? 0,
    isUrgent: true,
    get isObsolete() {
      return !mustCommit && deliveries.every(({ delivery }) => delivery.stage === 'settled');
    },
    committed: committed ?? (() => undefined),
  };
}

/** An event with a name that a test finds it by. */
export function eventOf(kind: AuditKind, topic: string): AuditEvent {
  return { kind, atMs: 1_700_000_000_000, topic };
}

/** Ends a session. */
export function deleteSession({ sessions }: Storage, session: Session): void {
  sessions.delete(session, eventOf('session.deleted', session.clientId));
}

/** Has one session owe one message. @returns the delivery. */
export function owe(
  { journal }: Storage,
  session: Session,
  sequence: number,
  message: Message = messageFor('t', `m${sequence}`),
): Delivery {
  const delivery = deliveryOf(sequence, message);
  journal.append(entryOf({ deliveries: [{ session, delivery }] }));
  return delivery;
}

/** Has several sessions owe the same message, at the same sequence. */
export function oweAll(
  { journal }: Storage,
  sessions: readonly Session[],
  sequence: number,
  message: Message = messageFor('shared', `s${sequence}`),
): Delivery[] {
  const deliveries = sessions.map((session) => ({ session, delivery: deliveryOf(sequence, message) }));
  journal.append(entryOf({ deliveries }));
  return deliveries.map(({ delivery }) => delivery);
}

/** All that a session is owed, page by page to the end. */
export async function readAll({ backlogReader }: Storage, session: Session): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for (let after = -1; ;) {
    const range = { after, through: 2 ** 52, messagesMax: 5000 };
    const page = (await backlogReader?.read(session, range)) ?? [];
    const last = page.at(-1);
    if (last === undefined) return found;
    found.push(...page);
    after = last.sequence;
  }
}

/** The same as `sequence:payload`. */
export async function owedTo(storage: Storage, session: Session): Promise<string[]> {
  const deliveries = await readAll(storage, session);
  return deliveries.map(({ sequence, message }) => `${sequence}:${payloadText(message)}`);
}

export async function readSessions({ source }: Storage): Promise<StoredSessionRow[]> {
  const found: StoredSessionRow[] = [];
  for await (const page of source.sessions()) found.push(...page);
  return found.sort((a, b) => a.key - b.key);
}

/** What is retained, as `topic=payload`. */
export async function readRetained({ source }: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const page of source.retained()) {
    for (const { message } of page) found.push(`${message.topic}=${payloadText(message)}`);
  }
  return found.sort();
}

/** A change that retains a message. */
export function retain(topic: string, payload: string, qos: QoS = 0, publishedAtMs = 1): RetainedChange {
  const message = messageOf(topicName(topic), Buffer.from(payload), qos, true);
  return { set: { message, publishedAtMs } };
}

/** A subscription of a session. */
export function subscriptionOf(session: Session, filter: string, qos: QoS) {
  return { subscriber: session, filter: topicFilter(filter), qos };
}
