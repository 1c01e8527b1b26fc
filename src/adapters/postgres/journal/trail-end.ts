import type { AuditChain, AuditHead, ChainedRecord } from '../../../domain/audit/audit-chain.js';
import { type AuditEvent, MESSAGE_KINDS } from '../../../domain/audit/audit-event.js';
import { type DroppedRange, publishedEvents } from '../../../domain/audit/message-events.js';
import { MessageLog } from '../../../domain/audit/message-log.js';
import type { PayloadDigests } from '../../../domain/audit/payload-digests.js';
import type { Sql } from '../connect.js';
import { AuditPartitions } from './audit-partitions.js';
import type { Changes, GatheredEvent, NumberedEntry, TrimChange } from './batch.js';

/** What a record takes beside the names in it, in bytes, by rule of thumb. */
const RECORD_BYTES = 512;

/**
 * The growing end of the audit trail. Events are gathered with what they tell of; when that is taken for a
 * transaction they become records, each linked to the one before it. A batch is tried until it succeeds, with
 * these very records, so the chain has no gap.
 */
export class TrailEnd {
  /** The last record that is durable. */
  head: AuditHead;
  /** Whether events are let go. */
  isClosed = false;
  /** The messages that are to be told. */
  readonly messages: MessageLog;
  private gathered = 0;
  /** The time of the last record of this run, in milliseconds since the epoch. */
  private lastAtMs = -Infinity;
  private readonly partitions = new AuditPartitions();
  private readonly listeners: ((head: AuditHead) => void)[] = [];

  constructor(
    private readonly chain: AuditChain,
    digests: PayloadDigests,
  ) {
    this.messages = new MessageLog(digests);
    this.head = chain.head;
  }

  /** Gives an event its place among all others; undefined when it is let go. */
  gather(event: AuditEvent): GatheredEvent | undefined {
    return this.isClosed ? undefined : { order: this.gathered++, event };
  }

  /**
   * Makes records of all events that go with a batch, in the order in which they were gathered; messages come last. From
   * now on, what becomes of these is told by itself.
   * @param messagesEnd The messages with lower numbers are told.
   */
  link(entries: readonly NumberedEntry[], changes: Changes, messagesEnd: number): ChainedRecord[] {
    const gathered = [...changes.events];
    for (const { event } of changes.endedSessions) if (event !== undefined) gathered.push(event);
    for (const { events } of entries) if (events !== undefined) gathered.push(...events);
    const events = gathered.sort((a, b) => a.order - b.order).map(({ event }) => event);
    events.push(
      ...publishedEvents(this.messages, messagesEnd),
      ...changes.outcomes.events(changes.trims.flatMap(trimmedRange)),
    );
    return events.map((event) => this.append(event));
  }

  /** Sees to it that there are partitions for the records. */
  cover(sql: Sql, records: readonly ChainedRecord[]): Promise<void> {
    return this.partitions.cover(sql, records);
  }

  /** What was seen to may be gone. */
  writeFailed(): void {
    this.partitions.forget();
  }

  /** The records are durable. */
  committed(records: readonly ChainedRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.head = { sequence: last.record.sequence, hash: last.hash };
    for (const listener of this.listeners) listener(this.head);
  }

  /** Calls the listener after each commit that has added to the trail. */
  onCommitted(listener: (head: AuditHead) => void): void {
    this.listeners.push(listener);
  }

  /** Time goes on along the trail, also where a clock was set back or refusals were counted for a while. */
  private append(event: AuditEvent): ChainedRecord {
    this.lastAtMs = Math.max(this.lastAtMs, event.atMs);
    return this.chain.append(event, this.lastAtMs);
  }
}

/** What an event counts for in the limit of what waits. Never changes for an event; what messages count for is seen to elsewhere. */
export function eventBytes({ kind, clientId, topic }: AuditEvent): number {
  if (MESSAGE_KINDS.includes(kind)) return 0;
  return RECORD_BYTES + (clientId?.length ?? 0) + (topic?.length ?? 0);
}

function trimmedRange({ session, after, through, expected, telling }: TrimChange): readonly DroppedRange[] {
  if (telling === undefined) return [];
  const { clientId, atMs } = telling;
  const receiver = { key: session.key, clientId };
  const reason = expected.isPurge ? 'purged' : 'queue_full';
  return [{ receiver, sequence: after + 1, count: through - after, reason, atMs }];
}
