import { type AuditActor, type AuditDetails, type AuditEvent, JsonText } from './audit-event.js';
import { detailText } from './canonical-form.js';
import { ColumnWriter, columnText } from './column-text.js';
import { type MessageLog, type MessageRun, type Receiver, RECEIVER_STATES } from './message-log.js';
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
 * That messages were published, and what had become of them by now: `messages.published`. Takes them out of the log.
 * @param end The messages of the log with lower numbers are told.
 */
export function publishedEvents(log: MessageLog, end: number): AuditEvent[] {
  const events: AuditEvent[] = [];
  while (log.first < end) {
    const rows = Math.min(end - log.first, MESSAGES_MAX);
    let [messages, receivers] = [0, 0];
    while (messages < rows && receivers < RECEIVERS_MAX) receivers += log.copies[messages++] as number;
    events.push(publishedEvent(log, messages, receivers));
    log.forget(messages, receivers);
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
    for (const { receiver } of part) sessions.add(receiver);
    const details = {
      receiver: sessions.column(),
      sequence: column(part.map(({ sequence }) => sequence)),
      at: column(part.map(({ atMs }) => atMs)),
      deliveries: part.length,
      receivers: sessions.list,
    };
    return { kind, atMs: latest(part), details };
  });
}

/** What was given up after its publishing was told: `messages.dropped`. */
export function droppedEvents(ranges: readonly DroppedRange[]): AuditEvent[] {
  return slices(ranges).map((part) => {
    const sessions = sessionPlaces();
    const reasons = new Places<string, string>(itself);
    for (const { receiver, reason } of part) {
      sessions.add(receiver);
      reasons.add(reason);
    }
    const details = {
      receiver: sessions.column(),
      sequence: column(part.map(({ sequence }) => sequence)),
      count: column(part.map(({ count }) => count)),
      reason: reasons.column(),
      at: column(part.map(({ atMs }) => atMs)),
      ranges: part.length,
      receivers: sessions.list,
      reasons: reasons.list,
    };
    return { kind: 'messages.dropped', atMs: latest(part), details };
  });
}

function latest(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((latestMs, { atMs }) => Math.max(latestMs, atMs), 0);
}

function publishedEvent(log: MessageLog, messages: number, deliveries: number): AuditEvent {
  const runs = log.takeRuns(messages);
  const { publishers, origins, topics, qos, retain, bytes, at } = writeMessages(runs);
  const { receivers, states } = writeReceivers(log, deliveries);
  const { sent, ended, lastAtMs } = writeDelays(log, runs);
  // One literal: put together from other objects by spreading, it takes hundreds of times as long to make.
  const details: AuditDetails = {
    messages,
    publishers: publishers.list,
    publisher: publishers.column(),
    origins: origins.list,
    origin: origins.column(),
    topics: topics.list,
    topic: topics.column(),
    qos: written(qos),
    retain: written(retain),
    bytes: written(bytes),
    sha256: plainText(log.digests.take(messages)),
    at: written(at),
    copies: column(log.copies, messages),
    deliveries,
    receivers: receivers.list,
    receiver: receivers.column(),
    sequence: column(log.sequence, deliveries),
    granted: column(log.granted, deliveries),
    states: states.list,
    state: states.column(),
    sent: written(sent),
    ended: written(ended),
  };
  return { kind: 'messages.published', atMs: lastAtMs, details };
}

function writeMessages(runs: readonly MessageRun[]) {
  const publishers = new Places(publisherText);
  const origins = new Places<string, string>(itself);
  const topics = new Places<string, string>(itself);
  const [qos, retain] = [new ColumnWriter(), new ColumnWriter()];
  const [bytes, at] = [new ColumnWriter(), new ColumnWriter()];
  for (const run of runs) {
    const { messages } = run;
    publishers.add(run.from, messages);
    origins.add(run.origin, messages);
    topics.add(run.topic, messages);
    qos.add(run.qos, messages);
    retain.add(run.retain ? 1 : 0, messages);
    bytes.add(run.size, messages);
    at.add(run.atMs, messages);
  }
  return { publishers, origins, topics, qos, retain, bytes, at };
}

function writeReceivers(log: MessageLog, deliveries: number) {
  const receivers = sessionPlaces();
  const states = new Places((place: number) => RECEIVER_STATES[place] as string);
  receivers.addAll(log.to, deliveries);
  states.addAll(log.state, deliveries);
  return { receivers, states };
}

/** Text that JSON leaves as it is: for the long ones it takes a while to find out. */
function plainText(text: string): JsonText {
  return new JsonText(`"${text}"`);
}

function written(column: ColumnWriter): JsonText {
  return plainText(column.finish());
}

function column(values: ArrayLike<number>, rows = values.length): JsonText {
  return plainText(columnText(values, rows));
}

/** How long after publishing each was sent and ended, and the time of what happened last. */
function writeDelays({ copies, sentAtMs, endedAtMs }: MessageLog, runs: readonly MessageRun[]) {
  const [sent, ended] = [new ColumnWriter(), new ColumnWriter()];
  let lastAtMs = 0;
  let [message, receiver] = [0, 0];
  for (const { atMs, messages } of runs) {
    let receivers = 0;
    for (let left = messages; left > 0; left--) receivers += copies[message++] as number;
    lastAtMs = Math.max(lastAtMs, atMs);
    for (const end = receiver + receivers; receiver < end; receiver++) {
      const sentMs = sentAtMs[receiver] as number;
      const endedMs = endedAtMs[receiver] as number;
      sent.add(sentMs < 0 ? -1 : sentMs - atMs);
      ended.add(endedMs < 0 ? -1 : endedMs - atMs);
      lastAtMs = Math.max(lastAtMs, sentMs, endedMs);
    }
  }
  return { sent, ended, lastAtMs };
}

/** Gives each of several things a place in a list, and names them by it in a column. */
class Places<T, V> {
  readonly list: V[] = [];
  private readonly places = new Map<unknown, number>();
  private readonly named = new ColumnWriter();
  private last: T | undefined;
  private lastPlace = 0;

  /**
   * @param written What stands in the list for a thing.
   * @param keyOf What tells things apart.
   */
  constructor(
    private readonly written: (thing: T) => V,
    private readonly keyOf: (thing: T) => unknown = itself,
  ) {}

  /** Names a thing in so many rows. Often it is the one that was named last. */
  add(thing: T, rows = 1): void {
    if (thing !== this.last) {
      this.last = thing;
      this.lastPlace = this.of(thing);
    }
    this.named.add(this.lastPlace, rows);
  }

  /** Names the first so many of these. */
  addAll(things: ArrayLike<T>, rows: number): void {
    for (let row = 0; row < rows; row++) this.add(things[row] as T);
  }

  /** The places of the things that were named. */
  column(): JsonText {
    return written(this.named);
  }

  private of(thing: T): number {
    const key = this.keyOf(thing);
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.list.push(this.written(thing)) - 1;
      this.places.set(key, place);
    }
    return place;
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
