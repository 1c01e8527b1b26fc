import type { AuditDetails, AuditRecord } from './audit-event.js';
import { readColumn } from './column-text.js';
import { DIGEST_LENGTH } from './payload-digests.js';

/** What became of a message for one receiver. Times are milliseconds since the epoch. */
export interface ReceiverStory {
  readonly clientId: string;
  /** The key of its session. */
  readonly session: number;
  /** Whether the session ends with its connection. */
  readonly cleanSession: boolean;
  readonly qos: number;
  /** The number of the delivery in its session; -1 where it has none. */
  readonly sequence: number;
  /** `waiting`, `delivered`, `acknowledged` or `dropped`. */
  state: 'waiting' | 'delivered' | 'acknowledged' | 'dropped';
  /** Why it was dropped. */
  reason?: string;
  /** When it was sent; the first time, as far as is told. */
  deliveredAtMs?: number;
  acknowledgedAtMs?: number;
  droppedAtMs?: number;
}

/** What the trail says of one message. */
export interface MessageStory {
  readonly atMs: number;
  readonly topic: string;
  /** Who published it; empty for what the broker sent of itself. */
  readonly publisher: AuditDetails;
  /** `client`, `will`, `retained` or `administrator`; `refused` for a publish that wasn't let in. */
  readonly origin: string;
  readonly qos?: number;
  readonly retain?: boolean;
  /** Of the payload. */
  readonly bytes?: number;
  /** Of the payload, in base64url. */
  readonly sha256?: string;
  /** Why it was refused, by which access rule, and how often within the record. */
  readonly refusal?: { readonly reason: string; readonly rule?: string; readonly count: number };
  readonly receivers: readonly ReceiverStory[];
}

/** What a record tells of messages that were published before. */
export interface MessageOutcome {
  readonly session: number;
  readonly sequence: number;
  /** Deliveries with consecutive sequences. */
  readonly count: number;
  readonly atMs: number;
  /** Of what was dropped. */
  readonly reason: string;
}

/** When the first message of a `messages.published` record was published, without reading the rest; NaN if it can't be told. */
export function firstPublishedMs({ details }: AuditRecord): number {
  const at = details?.['at'];
  return typeof at === 'string' ? parseInt(at, 10) : NaN;
}

/** The messages of a `messages.published` record, in their order. @throws Error when it isn't one as brokers write them. */
export function publishedStories(record: AuditRecord): MessageStory[] {
  const fields = new Fields(record);
  const publishers = fields.list<AuditDetails>('publishers');
  const [origins, topics] = [fields.list<string>('origins'), fields.list<string>('topics')];
  const count = fields.count('messages');
  const column = (name: string): number[] => fields.column(name, count);
  const [publisher, origin, topic] = [column('publisher'), column('origin'), column('topic')];
  const [qos, retain, bytes, at, copies] = ['qos', 'retain', 'bytes', 'at', 'copies'].map(column) as Columns5;
  const receivers = receiverStories(fields);
  const sha256 = fields.text('sha256');
  let next = 0;
  return at.map((publishedMs, i) => {
    const mine = receivers.slice(next, (next += copies[i] as number));
    return {
      atMs: publishedMs,
      topic: fields.place(topics, topic[i]),
      publisher: fields.place(publishers, publisher[i]),
      origin: fields.place(origins, origin[i]),
      qos: qos[i] as number,
      retain: retain[i] === 1,
      bytes: bytes[i] as number,
      sha256: sha256.slice(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH),
      receivers: mine.map((story) => story(publishedMs)),
    };
  });
}

/** What a `messages.delivered`, `messages.acknowledged` or `messages.dropped` record tells. @throws Error as above. */
export function messageOutcomes(record: AuditRecord): MessageOutcome[] {
  const fields = new Fields(record);
  const isDropped = record.kind === 'messages.dropped';
  const rows = fields.count(isDropped ? 'ranges' : 'deliveries');
  const receivers = fields.list<AuditDetails>('receivers');
  const [receiver, sequence, at] = ['receiver', 'sequence', 'at'].map((name) => fields.column(name, rows));
  const reasons = isDropped ? fields.list<string>('reasons') : [];
  const reason = isDropped ? fields.column('reason', rows) : [];
  const count = isDropped ? fields.column('count', rows) : [];
  return (at ?? []).map((atMs, i) => ({
    session: Number(fields.place(receivers, receiver?.[i])['session']),
    sequence: sequence?.[i] ?? -1,
    count: count[i] ?? 1,
    atMs,
    reason: isDropped ? fields.place(reasons, reason[i]) : '',
  }));
}

type Columns5 = [number[], number[], number[], number[], number[]];

/** @returns what makes each receiver's story, given when its message was published. */
function receiverStories(fields: Fields): ((publishedMs: number) => ReceiverStory)[] {
  const rows = fields.count('deliveries');
  const column = (name: string): number[] => fields.column(name, rows);
  const receivers = fields.list<AuditDetails>('receivers');
  const states = fields.list<string>('states');
  const [receiver, sequence] = [column('receiver'), column('sequence')];
  const [granted, state, sent, ended] = [column('granted'), column('state'), column('sent'), column('ended')];
  return receiver.map((place, i) => (publishedMs) => {
    const { session, clientId, cleanSession } = fields.place(receivers, place);
    const [sentMs, endedMs] = [sent[i] as number, ended[i] as number];
    const endedAtMs = endedMs < 0 ? publishedMs : publishedMs + endedMs;
    return {
      ...{
        clientId: typeof clientId === 'string' ? clientId : '',
        session: Number(session),
        cleanSession: cleanSession === true,
      },
      ...{ qos: granted[i] as number, sequence: sequence[i] as number },
      ...(sentMs < 0 ? {} : { deliveredAtMs: publishedMs + sentMs }),
      ...endOf(fields.place(states, state[i]), endedAtMs),
    };
  });
}

function endOf(
  state: string,
  endedAtMs: number,
): Pick<ReceiverStory, 'state' | 'reason' | 'acknowledgedAtMs' | 'droppedAtMs'> {
  if (state === 'waiting' || state === 'delivered') return { state };
  if (state === 'acknowledged') return { state, acknowledgedAtMs: endedAtMs };
  return { state: 'dropped', reason: state, droppedAtMs: endedAtMs };
}

/** The details of a record, checked as they are read. */
class Fields {
  constructor(private readonly record: AuditRecord) {}

  count(name: string): number {
    const value = this.record.details?.[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : this.fail(name);
  }

  text(name: string): string {
    const value = this.record.details?.[name];
    return typeof value === 'string' ? value : this.fail(name);
  }

  list<T extends string | AuditDetails>(name: string): readonly T[] {
    const value = this.record.details?.[name];
    return Array.isArray(value) ? (value as readonly T[]) : this.fail(name);
  }

  column(name: string, rows: number): number[] {
    return readColumn(this.record.details?.[name], rows) ?? this.fail(name);
  }

  place<T>(list: readonly T[], place: number | undefined): T {
    return list[place ?? -1] ?? this.fail('a place in a list');
  }

  private fail(name: string): never {
    throw new Error(
      `record ${this.record.sequence} of the audit trail is not as a broker writes it (${name}): run surety audit verify`,
    );
  }
}
