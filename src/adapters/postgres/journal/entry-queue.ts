import type { JournalEntry, OwedDelivery } from '../../../application/ports/delivery-journal.js';
import type { GatheredEvent, NumberedEntry } from './batch.js';
import { MESSAGE_ROWS } from './message-outcomes.js';

/** Deliveries that one transaction writes at most: to build and bind more stalls the event loop. */
const BATCH_ROWS_MAX = 1000;
/** Topic and payload bytes that one transaction writes, give or take one message. */
const BATCH_BYTES_MAX = 16_777_216;

const NOTHING: readonly OwedDelivery[] = [];

/** What a transaction can take at most. */
export interface BatchEnd {
  /** Entries from this number on have to wait. */
  readonly entriesEnd: number;
  /** So do those with a message from this number on. */
  readonly messagesEnd: number;
}

/** What a transaction takes. */
export interface TakenEntries {
  /** Each is told when it is committed. */
  readonly all: readonly NumberedEntry[];
  /** Those of them that change rows: of live traffic that the audit trail follows, few do. */
  readonly writing: readonly NumberedEntry[];
}

/** The entries that wait for a transaction, in the order in which they came. */
export class EntryQueue {
  /** Entries since the start; the next one gets this number. */
  gathered = 0;
  /** The same, as a function to hand over, which is asked for very often. */
  readonly countGathered = (): number => this.gathered;
  private entries: NumberedEntry[] = [];

  get length(): number {
    return this.entries.length;
  }

  get first(): NumberedEntry | undefined {
    return this.entries[0];
  }

  /** The end of the messages that can be told: up to this one, and before those of entries, which tell of them themselves. */
  messagesBefore(end: number): number {
    const first = this.entries.find(({ entry }) => entry.trace !== undefined);
    return Math.min(first?.entry.trace ?? end, end);
  }

  add(entry: JournalEntry, events: readonly GatheredEvent[] | undefined): void {
    this.entries.push({ number: this.gathered++, entry, events, owed: NOTHING });
  }

  /**
   * Takes those that have waited longest, as many as one transaction writes.
   * @param isPatient Whether to stop at the first that its receivers may still acknowledge.
   */
  take(isPatient: boolean, { entriesEnd, messagesEnd }: BatchEnd): TakenEntries {
    const writing: NumberedEntry[] = [];
    let taken = 0;
    let rows = 0;
    let bytes = 0;
    for (const numbered of this.entries) {
      const { number, entry } = numbered;
      if (number >= entriesEnd || (entry.trace ?? -1) >= messagesEnd) break;
      if (rows >= BATCH_ROWS_MAX || bytes >= BATCH_BYTES_MAX) break;
      if (isPatient && !entry.isUrgent) break;
      numbered.owed = beginWriting(entry);
      if (isWritten(numbered)) writing.push(numbered);
      rows += rowsOf(numbered);
      bytes += entry.bytes;
      taken++;
    }
    const all = this.entries.slice(0, taken);
    this.entries = this.entries.slice(taken);
    return { all, writing };
  }

  /** Lets go those that needn't be written any more. @returns what they counted for in the limit of what waits. */
  sweep(): number {
    let freedBytes = 0;
    this.entries = this.entries.filter(({ entry }) => {
      if (entry.isObsolete) freedBytes += entry.bytes;
      return !entry.isObsolete;
    });
    return freedBytes;
  }
}

/** Whether it changes rows, or tells the audit trail more than what became of a message. */
function isWritten({ entry: { retained, received, willOf }, events, owed }: NumberedEntry): boolean {
  const isMore = retained !== undefined || received !== undefined || willOf !== undefined;
  return owed.length > 0 || isMore || events !== undefined;
}

/** What an entry counts for in a batch. What is told of many messages takes little. */
function rowsOf({ entry: { deliveries, trace }, events, owed }: NumberedEntry): number {
  const told = events?.length ?? 0;
  if (trace === undefined) return Math.max(1, owed.length) + told;
  return MESSAGE_ROWS * (1 + deliveries.length) + owed.length + told;
}

/**
 * From now on, what is owed of it is written, also if it is settled before that: so it is told.
 * @returns that.
 */
function beginWriting({ deliveries }: JournalEntry): readonly OwedDelivery[] {
  if (!deliveries.some(isOwed)) return NOTHING;
  const owed = deliveries.every(isOwed) ? deliveries : deliveries.filter(isOwed);
  for (const { delivery } of owed) delivery.storage = 'writing';
  return owed;
}

function isOwed({ delivery }: OwedDelivery): boolean {
  return delivery.stage !== 'settled';
}

/** They are written. @returns how many rows that were. */
export function endWriting(entries: readonly NumberedEntry[]): number {
  let rows = 0;
  for (const { owed } of entries) {
    for (const { delivery } of owed) delivery.storage = 'written';
    rows += owed.length;
  }
  return rows;
}
