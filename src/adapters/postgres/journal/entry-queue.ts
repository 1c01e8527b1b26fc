import type { JournalEntry } from '../../../application/ports/delivery-journal.js';
import type { GatheredEvent, NumberedEntry } from './batch.js';

/** Deliveries that one transaction writes at most: to build and bind more stalls the event loop. */
const BATCH_ROWS_MAX = 1000;
/** Topic and payload bytes that one transaction writes, give or take one message. */
const BATCH_BYTES_MAX = 16_777_216;
/** What a followed message, and each of its receivers, takes of a batch, in rows. */
const MESSAGE_ROWS = 0.1;

/** The entries that wait for a transaction, in the order in which they came. */
export class EntryQueue {
  /** Entries since the start; the next one gets this number. */
  gathered = 0;
  private entries: NumberedEntry[] = [];

  get length(): number {
    return this.entries.length;
  }

  get first(): NumberedEntry | undefined {
    return this.entries[0];
  }

  add(entry: JournalEntry, events: readonly GatheredEvent[] | undefined): void {
    this.entries.push({ number: this.gathered++, entry, events });
  }

  /**
   * Takes those that have waited longest, as many as one transaction writes.
   * @param isPatient Whether to stop at the first that its receivers may still acknowledge.
   */
  take(isPatient: boolean): NumberedEntry[] {
    let taken = 0;
    for (
      let rows = 0, bytes = 0;
      taken < this.entries.length && rows < BATCH_ROWS_MAX && bytes < BATCH_BYTES_MAX;
      taken++
    ) {
      const { entry } = this.entries[taken] as NumberedEntry;
      if (isPatient && !entry.isUrgent) break;
      rows += rowsOf(entry);
      bytes += entry.bytes;
    }
    const entries = this.entries.slice(0, taken);
    this.entries = this.entries.slice(taken);
    for (const { entry } of entries) beginWriting(entry);
    return entries;
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

/** What an entry counts for in a batch. What is told of many messages takes little. */
function rowsOf({ deliveries, events, trace }: JournalEntry): number {
  if (trace === undefined) return Math.max(1, deliveries.length) + (events?.length ?? 0);
  let rows = MESSAGE_ROWS * (1 + trace.receivers.length) + (events?.length ?? 0);
  for (const { delivery } of deliveries) if (delivery.stage !== 'settled') rows++;
  return rows;
}

/** From now on, what is owed of it is written, also if it is settled before that: so it is told. */
function beginWriting({ deliveries }: JournalEntry): void {
  for (const { delivery } of deliveries) if (delivery.stage !== 'settled') delivery.storage = 'writing';
}
