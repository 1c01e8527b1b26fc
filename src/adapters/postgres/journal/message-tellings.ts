import type { AuditEvent } from '../../../domain/audit/audit-event.js';
import {
  type DroppedRange,
  droppedEvents,
  outcomeEvents,
  publishedEvents,
} from '../../../domain/audit/message-events.js';
import {
  type MessageTrace,
  type OutcomeKind,
  type ReceiverTrace,
  traceBytes,
} from '../../../domain/audit/message-trace.js';
import type { NumberedEntry, TrimChange } from './batch.js';

/** What a followed message, and each of its receivers, takes of a batch, in rows: much is told in few of them. */
export const MESSAGE_ROWS = 0.1;
/** What an outcome counts for in the limit of what waits, in bytes. */
const OUTCOME_BYTES = 128;

/** A message with which nothing else becomes durable. */
interface LoneMessage {
  readonly trace: MessageTrace;
  /** The entries with lower numbers were gathered before it. */
  readonly behindEntry: number;
}

/** What the message trail is told beside the entries, with the next batch. */
export class MessageTellings {
  private published: LoneMessage[] = [];
  private readonly outcomes: Record<OutcomeKind, ReceiverTrace[]> = {
    delivered: [],
    acknowledged: [],
    dropped: [],
  };

  get count(): number {
    const { delivered, acknowledged, dropped } = this.outcomes;
    return this.published.length + delivered.length + acknowledged.length + dropped.length;
  }

  /** What they count for in the limit of what waits. */
  get bytes(): number {
    let bytes = (this.count - this.published.length) * OUTCOME_BYTES;
    for (const { trace } of this.published) bytes += traceBytes(trace);
    return bytes;
  }

  /** @returns what it counts for in the limit of what waits. */
  addPublished(trace: MessageTrace, behindEntry: number): number {
    this.published.push({ trace, behindEntry });
    return traceBytes(trace);
  }

  /** @returns what it counts for in the limit of what waits. */
  addOutcome(kind: OutcomeKind, receiver: ReceiverTrace): number {
    this.outcomes[kind].push(receiver);
    return OUTCOME_BYTES;
  }

  /** Leaves to `later` what was published behind an entry from `firstWaiting` on: messages are told in their order. */
  postpone(later: MessageTellings, firstWaiting: number): void {
    later.published.unshift(...this.published.filter(({ behindEntry }) => behindEntry > firstWaiting));
    this.published = this.published.filter(({ behindEntry }) => behindEntry <= firstWaiting);
  }

  /** Makes events of all that a batch tells. From now on, what becomes of its messages is told by itself. */
  events(entries: readonly NumberedEntry[], trims: readonly TrimChange[]): AuditEvent[] {
    const { delivered, acknowledged, dropped } = this.outcomes;
    const traces = this.inOrder(entries);
    const events = [
      ...publishedEvents(traces),
      ...outcomeEvents('messages.delivered', delivered),
      ...outcomeEvents('messages.acknowledged', acknowledged),
      ...droppedEvents([...trims.flatMap(trimmedRange), ...dropped.map(droppedRange)]),
    ];
    for (const trace of traces) trace.isTold = true;
    return events;
  }

  private inOrder(entries: readonly NumberedEntry[]): MessageTrace[] {
    const traces: MessageTrace[] = [];
    let next = 0;
    for (const { number, entry } of entries) {
      for (let lone = this.published[next]; lone !== undefined && lone.behindEntry <= number;) {
        traces.push(lone.trace);
        lone = this.published[++next];
      }
      if (entry.trace !== undefined) traces.push(entry.trace);
    }
    for (const { trace } of this.published.slice(next)) traces.push(trace);
    return traces;
  }
}

function trimmedRange({ session, after, through, expected, telling }: TrimChange): readonly DroppedRange[] {
  if (telling === undefined) return [];
  const { clientId, atMs } = telling;
  const receiver = { key: session.key, clientId };
  const reason = expected.isPurge ? 'purged' : 'queue_full';
  return [{ receiver, sequence: after + 1, count: through - after, reason, atMs }];
}

function droppedRange({ receiver, sequence, state, endedAtMs }: ReceiverTrace): DroppedRange {
  return { receiver, sequence, count: 1, reason: state, atMs: endedAtMs };
}
