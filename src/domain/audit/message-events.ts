import { type AuditActor, type AuditDetails, type AuditEvent, JsonText } from './audit-event.js';
import { detailText } from './canonical-form.js';
import { ColumnWriter, columnText, type Rows } from './column-text.js';
import type { MessageLog, Receiver } from './message-log.js';
import type { DroppedOutcome, Outcome } from './receiver-trace.js';

/**
 * What one record tells at most, so that none grows with a batch: messages, and receivers but for the last message's.
 * Part of the format: where a record has less, nothing more of its kind follows in its transaction.
 */
const MESSAGES_MAX = 2000;
const RECEIVERS_MAX = 8000;

/** A receiver as a record tells of it. */
type ToldReceiver = Pick<Receiver, 'key' | 'clientId'> & Partial<Receiver>;

/** Deliveries of a session with consecutive sequences that were dropped together. */
export interface DroppedRange extends DroppedOutcome {
  readonly count: number;
}

/**
 * That messages were published, and what had become of them by now: `messages.published`. To be asked for once.
 * @param end The messages of the log with lower numbers are told, all from its first on.
 */
export function publishedEvents(log: MessageLog, end: number): AuditEvent[] {
  const events: AuditEvent[] = [];
  const rows = end - log.first;
  let [message, receiver] = [0, 0];
  while (message < rows) {
    const [firstMessage, firstReceiver] = [message, receiver];
    while (
      message < rows &&
      message - firstMessage < MESSAGES_MAX &&
      receiver - firstReceiver < RECEIVERS_MAX
    )
      receiver += log.copies[message++] ?? 0;
    const messages = { first: firstMessage, end: message };
    events.push(publishedEvent(log, messages, { first: firstReceiver, end: receiver }));
  }
  return events;
}

/** Whether another record of its kind may follow in the same transaction. */
export function isFull({ details = {} }: AuditEvent): boolean {
  const { messages, deliveries, ranges } = details;
  return Number(messages) >= MESSAGES_MAX || Number(deliveries ?? ranges) >= RECEIVERS_MAX;
}

/** What was sent, or acknowledged, after its publishing was told: `messages.delivered`, `messages.acknowledged`. */
export function outcomeEvents(
  kind: 'messages.delivered' | 'messages.acknowledged',
  outcomes: readonly Outcome[],
): AuditEvent[] {
  return slices(outcomes).map((part) => {
    const sessions = sessionPlaces();
    const details = {
      receiver: column(part.map(({ receiver }) => sessions.of(receiver))),
      sequence: column(part.map(({ sequence }) => sequence)),
      at: column(part.map(({ atMs }) => atMs)),
      ...{ deliveries: part.length, receivers: sessions.list },
    };
    return { kind, atMs: latest(part), details };
  });
}

/** What was given up after its publishing was told: `messages.dropped`. */
export function droppedEvents(ranges: readonly DroppedRange[]): AuditEvent[] {
  return slices(ranges).map((part) => {
    const sessions = sessionPlaces();
    const reasons = new Places<string, string>(itself);
    const details = {
      receiver: column(part.map(({ receiver }) => sessions.of(receiver))),
      sequence: column(part.map(({ sequence }) => sequence)),
      count: column(part.map(({ count }) => count)),
      reason: column(part.map(({ reason }) => reasons.of(reason))),
      at: column(part.map(({ atMs }) => atMs)),
      ...{ ranges: part.length, receivers: sessions.list, reasons: reasons.list },
    };
    return { kind: 'messages.dropped', atMs: latest(part), details };
  });
}

function latest(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((latestMs, { atMs }) => Math.max(latestMs, atMs), 0);
}

function publishedEvent(log: MessageLog, messages: Rows, receivers: Rows): AuditEvent {
  const publishers = new Places(publisherText);
  const origins = new Places<string, string>(itself);
  const topics = new Places<string, string>(itself);
  const states = new Places<string, string>(itself);
  const sessions = sessionPlaces();
  const { sent, ended, lastAtMs } = delays(log, messages, receivers);
  const columns = {
    publisher: publishers.column(log.from, messages),
    origin: origins.column(log.origin, messages),
    topic: topics.column(log.topic, messages),
    qos: column(log.qos, messages),
    retain: column(log.retain, messages),
    bytes: column(log.size, messages),
    at: column(log.atMs, messages),
    copies: column(log.copies, messages),
    receiver: sessions.column(log.to, receivers),
    sequence: column(log.sequence, receivers),
    granted: column(log.granted, receivers),
    state: states.column(log.state, receivers),
    ...{ sent, ended },
  };
  const details: AuditDetails = {
    ...{ messages: messages.end - messages.first, deliveries: receivers.end - receivers.first },
    ...{ publishers: publishers.list, origins: origins.list, topics: topics.list },
    ...{ receivers: sessions.list, states: states.list },
    sha256: plainText(log.digests.take(messages.end - messages.first)),
    ...columns,
  };
  return { kind: 'messages.published', atMs: lastAtMs, details };
}

/** Text that JSON leaves as it is: for the long ones it takes a while to find out. */
function plainText(text: string): JsonText {
  return new JsonText(`"${text}"`);
}

function column(values: readonly number[], rows: Rows = { first: 0, end: values.length }): JsonText {
  return plainText(columnText(values, rows));
}

/** How long after publishing each was sent and ended, and the time of what happened last. */
function delays(log: MessageLog, messages: Rows, receivers: Rows) {
  const [sent, ended] = [new ColumnWriter(), new ColumnWriter()];
  let lastAtMs = 0;
  let receiver = receivers.first;
  for (let row = messages.first; row < messages.end; row++) {
    const atMs = log.atMs[row] as number;
    lastAtMs = Math.max(lastAtMs, atMs);
    for (let left = log.copies[row] as number; left > 0; left--, receiver++) {
      const sentAtMs = log.sentAtMs[receiver] as number;
      const endedAtMs = log.endedAtMs[receiver] as number;
      sent.add(sentAtMs < 0 ? -1 : sentAtMs - atMs);
      ended.add(endedAtMs < 0 ? -1 : endedAtMs - atMs);
      lastAtMs = Math.max(lastAtMs, sentAtMs, endedAtMs);
    }
  }
  return { sent: plainText(sent.finish()), ended: plainText(ended.finish()), lastAtMs };
}

/** Gives each of several things a place in a list, which columns then name. */
class Places<T, V> {
  readonly list: V[] = [];
  private readonly places = new Map<unknown, number>();

  /**
   * @param written What stands in the list for a thing.
   * @param keyOf What tells things apart.
   */
  constructor(
    private readonly written: (thing: T) => V,
    private readonly keyOf: (thing: T) => unknown = itself,
  ) {}

  readonly of = (thing: T): number => {
    const key = this.keyOf(thing);
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.list.push(this.written(thing)) - 1;
      this.places.set(key, place);
    }
    return place;
  };

  /** The places of things in some rows. Most name the same as the row before. */
  column(things: readonly T[], { first, end }: Rows): JsonText {
    const places = new ColumnWriter();
    for (let row = first; row < end;) {
      const from = row;
      const thing = things[row++] as T;
      while (row < end && things[row] === thing) row++;
      places.add(this.of(thing), row - from);
    }
    return plainText(places.finish());
  }
}

function itself<T>(thing: T): T {
  return thing;
}

/** What is told of publishers and receivers doesn't change, and most are told of again soon. */
const publisherTexts = new WeakMap<AuditActor, JsonText>();
const receiverTexts = new WeakMap<ToldReceiver, JsonText>();

function publisherText(actor: AuditActor): JsonText {
  let text = publisherTexts.get(actor);
  if (text === undefined) publisherTexts.set(actor, (text = new JsonText(detailText(actorDetails(actor)))));
  return text;
}

function receiverText(receiver: ToldReceiver): JsonText {
  let text = receiverTexts.get(receiver);
  if (text === undefined)
    receiverTexts.set(receiver, (text = new JsonText(detailText(receiverDetails(receiver)))));
  return text;
}

function sessionPlaces(): Places<ToldReceiver, JsonText> {
  return new Places(receiverText, ({ key }) => key);
}

function receiverDetails({ key, clientId, durable }: ToldReceiver): AuditDetails {
  const clean = durable === false ? { cleanSession: true } : {};
  return { session: key, clientId, ...clean };
}

function actorDetails(actor: AuditActor): AuditDetails {
  const details: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(actor) as [string, string | number | undefined][]) {
    if (value !== undefined) details[name] = value;
  }
  return details;
}

function slices<T>(all: readonly T[]): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let from = 0; from < all.length; from += RECEIVERS_MAX)
    parts.push(all.slice(from, from + RECEIVERS_MAX));
  return parts;
}
