import type { AuditActor, AuditDetails, AuditEvent } from './audit-event.js';
import { ColumnWriter } from './column-text.js';
import type { MessageLog, Receiver } from './message-log.js';
import type { DroppedOutcome, Outcome } from './receiver-trace.js';

/** What one record tells at most, so that none grows with a batch: messages, and receivers but for the last message's. */
const MESSAGES_MAX = 2000;
const RECEIVERS_MAX = 8000;

/** Deliveries of a session with consecutive sequences that were dropped together. */
export interface DroppedRange extends DroppedOutcome {
  readonly count: number;
}

/**
 * That messages were published, and what had become of them by now: `messages.published`.
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

/** What was sent, or acknowledged, after its publishing was told: `messages.delivered`, `messages.acknowledged`. */
export function outcomeEvents(
  kind: 'messages.delivered' | 'messages.acknowledged',
  outcomes: readonly Outcome[],
): AuditEvent[] {
  return slices(outcomes).map((part) => {
    const sessions = new Sessions();
    const [receiver, sequence, at] = [new ColumnWriter(), new ColumnWriter(), new ColumnWriter()];
    let atMs = 0;
    for (const outcome of part) {
      receiver.add(sessions.place(outcome.receiver));
      sequence.add(outcome.sequence);
      at.add(outcome.atMs);
      atMs = Math.max(atMs, outcome.atMs);
    }
    const details = {
      ...{ deliveries: part.length, receivers: sessions.list },
      ...{ receiver: receiver.finish(), sequence: sequence.finish(), at: at.finish() },
    };
    return { kind, atMs, details };
  });
}

/** What was given up after its publishing was told: `messages.dropped`. */
export function droppedEvents(ranges: readonly DroppedRange[]): AuditEvent[] {
  return slices(ranges).map((part) => {
    const sessions = new Sessions();
    const reasons = new Places<string>();
    const columns = { receiver: new ColumnWriter(), sequence: new ColumnWriter(), count: new ColumnWriter() };
    const [reason, at] = [new ColumnWriter(), new ColumnWriter()];
    let atMs = 0;
    for (const range of part) {
      columns.receiver.add(sessions.place(range.receiver));
      columns.sequence.add(range.sequence);
      columns.count.add(range.count);
      reason.add(reasons.of(range.reason, range.reason));
      at.add(range.atMs);
      atMs = Math.max(atMs, range.atMs);
    }
    const details = {
      ...{ ranges: part.length, receivers: sessions.list, reasons: reasons.list },
      ...{ receiver: columns.receiver.finish(), sequence: columns.sequence.finish() },
      ...{ count: columns.count.finish(), reason: reason.finish(), at: at.finish() },
    };
    return { kind: 'messages.dropped', atMs, details };
  });
}

/** Rows of a log's messages, or of its receivers: from the first on, before the end. */
interface Rows {
  readonly first: number;
  readonly end: number;
}

function publishedEvent(log: MessageLog, messages: Rows, receivers: Rows): AuditEvent {
  const publishers = new Places<AuditDetails>();
  const [origins, topics, states] = [new Places<string>(), new Places<string>(), new Places<string>()];
  const sessions = new Sessions();
  const [sent, ended, lastAtMs] = delays(log, messages, receivers);
  const columns = {
    publisher: places(log.from, messages, (from) => publisherPlace(publishers, from)),
    origin: places(log.origin, messages, (origin) => origins.of(origin, origin)),
    topic: places(log.topic, messages, (topic) => topics.of(topic, topic)),
    qos: numbers(log.qos, messages),
    retain: numbers(log.retain, messages),
    bytes: numbers(log.size, messages),
    at: numbers(log.atMs, messages),
    copies: numbers(log.copies, messages),
    receiver: places(log.to, receivers, (receiver) => sessions.place(receiver)),
    sequence: numbers(log.sequence, receivers),
    granted: numbers(log.granted, receivers),
    state: places(log.state, receivers, (state) => states.of(state, state)),
    ...{ sent, ended },
  };
  const details: AuditDetails = {
    ...{ messages: messages.end - messages.first, deliveries: receivers.end - receivers.first },
    ...{ publishers: publishers.list, origins: origins.list, topics: topics.list },
    ...{ receivers: sessions.list, states: states.list },
    sha256: log.sha256.slice(messages.first, messages.end).join(''),
    ...columns,
  };
  return { kind: 'messages.published', atMs: lastAtMs, details };
}

function numbers(values: readonly number[], { first, end }: Rows): string {
  const writer = new ColumnWriter();
  for (let row = first; row < end; row++) writer.add(values[row] as number);
  return writer.finish();
}

/** Places in a list. Most rows name the same as the one before, whose place needn't be looked up again. */
function places<T>(values: readonly T[], { first, end }: Rows, placeOf: (value: T) => number): string {
  const writer = new ColumnWriter();
  let [last, place]: [T | undefined, number] = [undefined, 0];
  for (let row = first; row < end; row++) {
    const value = values[row] as T;
    if (value !== last) place = placeOf((last = value));
    writer.add(place);
  }
  return writer.finish();
}

function publisherPlace(publishers: Places<AuditDetails>, from: AuditActor): number {
  return publishers.find(from) ?? publishers.of(from, actorDetails(from));
}

/** How long after publishing each was sent and ended, and the time of what happened last. */
function delays(
  log: MessageLog,
  messages: Rows,
  receivers: Rows,
): [sent: string, ended: string, atMs: number] {
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
  return [sent.finish(), ended.finish(), lastAtMs];
}

/** Gives each of several things a place in a list, which columns then name. */
class Places<T> {
  readonly list: T[] = [];
  private readonly places = new Map<unknown, number>();

  find(key: unknown): number | undefined {
    return this.places.get(key);
  }

  of(key: unknown, value: T): number {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.list.push(value) - 1;
      this.places.set(key, place);
    }
    return place;
  }
}

/** Places of sessions. */
class Sessions {
  private readonly places = new Places<AuditDetails>();

  get list(): readonly AuditDetails[] {
    return this.places.list;
  }

  place({ key, clientId, durable }: Pick<Receiver, 'key' | 'clientId'> & Partial<Receiver>): number {
    const known = this.places.find(key);
    if (known !== undefined) return known;
    const clean = durable === false ? { cleanSession: true } : {};
    return this.places.of(key, { session: key, clientId, ...clean });
  }
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
