import type { AuditActor, AuditDetails, AuditEvent } from './audit-event.js';
import { ColumnWriter } from './column-text.js';
import type { MessageTrace, Receiver, ReceiverTrace } from './message-trace.js';

/** What one record tells at most, so that none grows with a batch: messages, and receivers but for the last message's. */
const MESSAGES_MAX = 2000;
const RECEIVERS_MAX = 8000;

/** Deliveries of a session with consecutive sequences that were dropped together. */
export interface DroppedRange {
  readonly receiver: Pick<Receiver, 'key' | 'clientId'>;
  readonly sequence: number;
  readonly count: number;
  readonly reason: string;
  readonly atMs: number;
}

/** That messages were published, and what had become of them by now: `messages.published`. */
export function publishedEvents(traces: readonly MessageTrace[]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (let next = 0; next < traces.length;) {
    const record = new PublishedColumns();
    while (next < traces.length && !record.isFull) record.add(traces[next++] as MessageTrace);
    events.push(record.event());
  }
  return events;
}

/** What was sent, or acknowledged, after its publishing was told: `messages.delivered`, `messages.acknowledged`. */
export function outcomeEvents(
  kind: 'messages.delivered' | 'messages.acknowledged',
  outcomes: readonly ReceiverTrace[],
): AuditEvent[] {
  return slices(outcomes).map((part) => {
    const sessions = new Sessions();
    const [receiver, sequence, at] = [new ColumnWriter(), new ColumnWriter(), new ColumnWriter()];
    let atMs = 0;
    for (const outcome of part) {
      const thenMs = kind === 'messages.delivered' ? outcome.sentAtMs : outcome.endedAtMs;
      receiver.add(sessions.place(outcome.receiver));
      sequence.add(outcome.sequence);
      at.add(thenMs);
      atMs = Math.max(atMs, thenMs);
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

/** The columns of a `messages.published` record. */
class PublishedColumns {
  private readonly publishers = new Places<AuditDetails>();
  private readonly topics = new Places<string>();
  private readonly origins = new Places<string>();
  private readonly sessions = new Sessions();
  private readonly states = new Places<string>();
  private readonly publisher = new ColumnWriter();
  private readonly origin = new ColumnWriter();
  private readonly topic = new ColumnWriter();
  private readonly qos = new ColumnWriter();
  private readonly retain = new ColumnWriter();
  private readonly bytes = new ColumnWriter();
  private readonly at = new ColumnWriter();
  private readonly copies = new ColumnWriter();
  private readonly receiver = new ColumnWriter();
  private readonly sequence = new ColumnWriter();
  private readonly granted = new ColumnWriter();
  private readonly state = new ColumnWriter();
  private readonly sent = new ColumnWriter();
  private readonly ended = new ColumnWriter();
  private sha256 = '';
  private messages = 0;
  private deliveries = 0;
  private lastAtMs = 0;

  get isFull(): boolean {
    return this.messages >= MESSAGES_MAX || this.deliveries >= RECEIVERS_MAX;
  }

  add({ message, receivers }: MessageTrace): void {
    const { from, atMs } = message;
    const known = this.publishers.find(from);
    this.publisher.add(known ?? this.publishers.of(from, actorDetails(from)));
    this.origin.add(this.origins.of(message.origin, message.origin));
    this.topic.add(this.topics.of(message.topic, message.topic));
    this.qos.add(message.qos);
    this.retain.add(message.retain ? 1 : 0);
    this.bytes.add(message.bytes);
    this.at.add(atMs);
    this.copies.add(receivers.length);
    this.sha256 += message.sha256;
    this.messages++;
    this.lastAtMs = Math.max(this.lastAtMs, atMs);
    for (const receiver of receivers) this.addReceiver(receiver, atMs);
  }

  event(): AuditEvent {
    const details: AuditDetails = {
      ...{ messages: this.messages, deliveries: this.deliveries },
      ...{ publishers: this.publishers.list, origins: this.origins.list, topics: this.topics.list },
      ...{ receivers: this.sessions.list, states: this.states.list, sha256: this.sha256 },
      ...{ publisher: this.publisher.finish(), origin: this.origin.finish(), topic: this.topic.finish() },
      ...{ qos: this.qos.finish(), retain: this.retain.finish(), bytes: this.bytes.finish() },
      ...{ at: this.at.finish(), copies: this.copies.finish() },
      ...{ receiver: this.receiver.finish(), sequence: this.sequence.finish() },
      ...{ granted: this.granted.finish(), state: this.state.finish() },
      ...{ sent: this.sent.finish(), ended: this.ended.finish() },
    };
    return { kind: 'messages.published', atMs: this.lastAtMs, details };
  }

  private addReceiver(trace: ReceiverTrace, atMs: number): void {
    this.deliveries++;
    this.receiver.add(this.sessions.place(trace.receiver));
    this.sequence.add(trace.sequence);
    this.granted.add(trace.qos);
    this.state.add(this.states.of(trace.state, trace.state));
    this.sent.add(trace.sentAtMs < 0 ? -1 : trace.sentAtMs - atMs);
    this.ended.add(trace.endedAtMs < 0 ? -1 : trace.endedAtMs - atMs);
    this.lastAtMs = Math.max(this.lastAtMs, trace.sentAtMs, trace.endedAtMs);
  }
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
