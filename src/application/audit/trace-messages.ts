import type { AuditKind } from '../../domain/audit/audit-event.js';
import { isFull } from '../../domain/audit/message-events.js';
import {
  firstPublishedMs,
  type MessageOutcome,
  messageOutcomes,
  type MessageStory,
  publishedStories,
  type ReceiverStory,
} from '../../domain/audit/message-story.js';
import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { patternMatches } from '../../domain/topic/topic-matching.js';
import type { AuditFilter, AuditReader } from '../ports/audit-reader.js';

/** Which messages are asked for. */
export interface MessageQuery {
  /** A topic, or a pattern with `+` and `#` as in a subscription. */
  readonly topic: string;
  /** Published not before; milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** Published before. */
  readonly toMs?: number | undefined;
  /** Published by this client, or for it. */
  readonly clientId?: string | undefined;
}

/** Open deliveries that are followed to their ends in one pass over the trail. */
const OPEN_MAX = 100_000;
/** Sessions that end in one transaction and whose end is remembered for what it tells behind that. */
const ENDED_MAX = 10_000;

/** The order in which a transaction tells of messages, behind everything else; see `TrailEnd.link`. */
const ORDER: readonly AuditKind[] = [
  'messages.published',
  'messages.delivered',
  'messages.acknowledged',
  'messages.dropped',
];

const KINDS: readonly AuditKind[] = [
  ...ORDER,
  ...(['publish.denied', 'session.deleted', 'session.expired', 'broker.started'] as const),
];
const SHOWN: readonly AuditKind[] = ['messages.published', 'publish.denied'];

/**
 * Tells what became of messages, in the order in which they were published.
 *
 * Most are at their end in the record that tells of their publishing. The others may be acknowledged months later: a
 * first pass notes them and reads on until each is at its end, or the trail is; a second one tells the messages. When a
 * session ends, what it is owed is at its end with the transaction that tells so. What is noted is bounded: where there is
 * more, the rest takes passes of its own.
 */
export class TraceMessages {
  constructor(
    private readonly reader: AuditReader,
    private readonly openMax = OPEN_MAX,
  ) {}

  /** @throws Error that names the record, where one isn't as a broker writes them. */
  async *trace(query: MessageQuery): AsyncGenerator<readonly MessageStory[]> {
    const stretch = await this.stretchOf(query);
    if (stretch === undefined) return;
    for (let { after } = stretch; ;) {
      const pass = new Pass(query, this.openMax, stretch.lastStart);
      for await (const record of this.records(KINDS, after)) {
        pass.take(record);
        if (pass.isOver) break;
      }
      for await (const record of this.records(SHOWN, after)) {
        if (record.sequence > pass.through) break;
        const stories = storiesIn(record, query).map((story) => pass.completed(story));
        if (stories.length > 0) yield stories;
      }
      if (!pass.isFull) return;
      after = pass.through;
    }
  }

  /** Undefined where the trail has nothing of that time. */
  private async stretchOf({ fromMs, toMs }: MessageQuery): Promise<Stretch | undefined> {
    const first = await this.firstFrom(fromMs);
    if (first === undefined) return undefined;
    let lastStart = 0;
    if (toMs !== undefined) {
      for await (const { sequence, atMs } of this.records(['broker.started'], first, { toMs }))
        if (atMs < toMs) lastStart = sequence;
    }
    return { after: first - 1, lastStart };
  }

  /** The number of the first record from this time on. */
  private async firstFrom(fromMs: number | undefined): Promise<number | undefined> {
    for await (const { sequence, atMs } of this.records(KINDS, 0, { fromMs }))
      if (atMs >= (fromMs ?? -Infinity)) return sequence;
    return undefined;
  }

  /** @param time What the reader may leave out by it; it need not. */
  private async *records(
    kinds: readonly AuditKind[],
    afterSequence: number,
    time: Pick<AuditFilter, 'fromMs' | 'toMs'> = {},
  ): AsyncGenerator<StoredRecord> {
    for await (const page of this.reader.pages({ ...time, kinds, afterSequence })) {
      for (const record of page) {
        if (record.sequence > afterSequence && kinds.includes(record.kind)) yield record;
      }
    }
  }
}

/**
 * The records that matter for some time. Time goes on along the trail, but for one thing: a broker that starts may find
 * the clock set back.
 */
interface Stretch {
  /** The number before the first of them. */
  readonly after: number;
  /** The number of the last start before the end of that time: up to there, more may come of it. */
  readonly lastStart: number;
}

/** Why and when a session ended. */
interface SessionEnding {
  readonly reason: string;
  readonly atMs: number;
}

/** One pass over the trail: what is open of the messages asked for, and its ends. */
class Pass {
  /** The last record whose messages are part of it. */
  through = 0;
  /** Whether there are more messages, for another pass. */
  isFull = false;
  private isClosed = false;
  /** In the order in which they were published. */
  private readonly noted: ReceiverStory[] = [];
  private told = 0;
  private open = 0;
  /** By session, then by sequence. A sequence is given again only when what had it before is at its end. */
  private readonly bySession = new Map<number, Map<number, ReceiverStory>>();
  /** Sessions that have ended in this transaction, as far as can be told. */
  private readonly ended = new Map<number, SessionEnding>();
  private last: StoredRecord | undefined;

  constructor(
    private readonly query: MessageQuery,
    private readonly openMax: number,
    /** The number of the last start of a broker that may begin anew with the time asked for. */
    private readonly lastStart: number,
  ) {}

  /** Whether nothing that follows matters. */
  get isOver(): boolean {
    return this.isClosed && this.open === 0 && (this.isFull || (this.last?.sequence ?? 0) >= this.lastStart);
  }

  take(record: StoredRecord): void {
    if (this.last !== undefined && beginsTransaction(record, this.last)) this.closeEnded();
    this.last = record;
    const { toMs = Infinity } = this.query;
    if (record.kind === 'messages.published' && firstPublishedMs(record) >= toMs) this.isClosed = true;
    if (record.kind === 'broker.started' && record.atMs < toMs) this.isClosed = this.isFull;
    if (!this.isClosed) this.note(record);
    if (record.kind === 'messages.delivered') this.each(record, delivered);
    else if (record.kind === 'messages.acknowledged') this.each(record, acknowledged);
    else if (record.kind === 'messages.dropped') this.each(record, dropped);
    else if (record.kind === 'broker.started') this.endCleanSessions(record.atMs);
    else if (record.session !== undefined && record.kind.startsWith('session.')) this.endSession(record);
  }

  /** A message with what this pass has found of its receivers; to be asked for in the order of publishing. */
  completed(story: MessageStory): MessageStory {
    const receivers = story.receivers.map((receiver) =>
      isOpen(receiver) ? (this.noted[this.told++] ?? receiver) : receiver,
    );
    return { ...story, receivers };
  }

  private note(record: StoredRecord): void {
    this.through = record.sequence;
    if (record.kind !== 'messages.published') return;
    for (const { receivers } of storiesIn(record, this.query)) {
      for (const receiver of receivers) if (isOpen(receiver)) this.noteReceiver(receiver);
    }
    if (this.noted.length < this.openMax) return;
    this.isFull = this.isClosed = true;
  }

  private noteReceiver(receiver: ReceiverStory): void {
    const { session, sequence } = receiver;
    this.noted.push(receiver);
    const ending = this.ended.get(session);
    if (ending !== undefined) endWith(receiver, ending);
    this.open++;
    let ofSession = this.bySession.get(session);
    if (ofSession === undefined) {
      ofSession = new Map<number, ReceiverStory>();
      this.bySession.set(session, ofSession);
    }
    ofSession.set(sequence, receiver);
  }

  private each(
    record: StoredRecord,
    apply: (receiver: ReceiverStory, outcome: MessageOutcome) => void,
  ): void {
    if (this.open === 0) return;
    for (const outcome of messageOutcomes(record)) {
      const ofSession = this.bySession.get(outcome.session);
      if (ofSession === undefined) continue;
      const end = outcome.sequence + outcome.count;
      const isWide = outcome.count > ofSession.size;
      const sequences = isWide ? ofSession.keys() : range(outcome.sequence, end);
      for (const sequence of sequences) {
        const receiver = ofSession.get(sequence);
        if (receiver === undefined || sequence < outcome.sequence || sequence >= end) continue;
        apply(receiver, outcome);
        if (isOpen(receiver)) continue;
        ofSession.delete(sequence);
        this.open--;
      }
    }
  }

  /** What was acknowledged in the same transaction is told behind it: so nothing is at its end yet. */
  private endSession({ session = -1, kind, reason: why, atMs }: StoredRecord): void {
    const reason = kind === 'session.expired' ? 'session_expired' : `session_deleted: ${why}`;
    this.ended.set(session, { reason, atMs });
    const [oldest = session] = this.ended.keys();
    if (this.ended.size > ENDED_MAX) this.ended.delete(oldest);
    for (const receiver of this.bySession.get(session)?.values() ?? []) endWith(receiver, { reason, atMs });
  }

  /** The transaction is over in which they have ended: nothing follows that tells of them. */
  private closeEnded(): void {
    for (const session of this.ended.keys()) this.close(session);
    this.ended.clear();
  }

  private close(session: number): void {
    this.open -= this.bySession.get(session)?.size ?? 0;
    this.bySession.delete(session);
  }

  private endCleanSessions(atMs: number): void {
    for (const [session, ofSession] of this.bySession) {
      const [any] = ofSession.values();
      if (any?.cleanSession !== true) continue;
      for (const receiver of ofSession.values()) endWith(receiver, { reason: 'broker_ended', atMs });
      this.close(session);
    }
  }
}

/** Whether a record certainly isn't part of the transaction that tells of the one before it. */
function beginsTransaction({ kind }: StoredRecord, before: StoredRecord): boolean {
  const [place, placeBefore] = [ORDER.indexOf(kind), ORDER.indexOf(before.kind)];
  if (kind === 'broker.started' || place < placeBefore) return true;
  return place >= 0 && place === placeBefore && !isFull(before);
}

function* range(from: number, end: number): Generator<number> {
  for (let value = from; value < end; value++) yield value;
}

/** Whether something may still become of it. */
function isOpen({ state, qos }: ReceiverStory): boolean {
  return state === 'waiting' || (state === 'delivered' && qos > 0);
}

function delivered(receiver: ReceiverStory, { atMs }: MessageOutcome): void {
  receiver.deliveredAtMs ??= atMs;
  if (receiver.state === 'waiting') receiver.state = 'delivered';
}

function acknowledged(receiver: ReceiverStory, { atMs }: MessageOutcome): void {
  receiver.state = 'acknowledged';
  receiver.acknowledgedAtMs = atMs;
  delete receiver.reason;
  delete receiver.droppedAtMs;
}

function dropped(receiver: ReceiverStory, { atMs, reason }: MessageOutcome): void {
  Object.assign(receiver, { state: 'dropped', reason, droppedAtMs: atMs });
}

function endWith(receiver: ReceiverStory, { reason, atMs }: SessionEnding): void {
  if (receiver.state !== 'dropped') Object.assign(receiver, { state: 'dropped', reason, droppedAtMs: atMs });
}

/** The messages of a record that are asked for. */
function storiesIn(record: StoredRecord, { topic, fromMs, toMs, clientId }: MessageQuery): MessageStory[] {
  const stories = record.kind === 'publish.denied' ? refusedStory(record) : publishedStories(record);
  const inTime = ({ atMs }: MessageStory): boolean =>
    atMs >= (fromMs ?? -Infinity) && atMs < (toMs ?? Infinity);
  const matching = stories.filter((story) => inTime(story) && patternMatches(topic, story.topic));
  if (clientId === undefined) return matching;
  return matching.flatMap((story) => {
    if (story.publisher['clientId'] === clientId) return [story];
    const receivers = story.receivers.filter((receiver) => receiver.clientId === clientId);
    return receivers.length > 0 ? [{ ...story, receivers }] : [];
  });
}

/** Folded refusals may have no topic: they tell of several. */
function refusedStory(record: StoredRecord): MessageStory[] {
  const { atMs, topic, reason = '', rule, details, clientId, principal, address } = record;
  if (topic === undefined) return [];
  const who = Object.entries({ clientId, principal, address }).filter(([, value]) => value !== undefined);
  const count = typeof details?.['count'] === 'number' ? details['count'] : 1;
  const refusal = { reason, ...(rule === undefined ? {} : { rule }), count };
  const publisher = Object.fromEntries(who) as Record<string, string>;
  return [{ atMs, topic, publisher, origin: 'refused', refusal, receivers: [] }];
}
