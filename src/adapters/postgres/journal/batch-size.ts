import type { NumberedEntry } from './batch.js';

/** Deliveries that one transaction writes at most: to build and bind more stalls the event loop. */
const BATCH_ROWS_MAX = 1000;
/** Topic and payload bytes that one transaction writes, give or take one message. */
const BATCH_BYTES_MAX = 16_777_216;

/**
 * How many of the entries, from the oldest on, go into one transaction.
 * @param numberMax Entries from this number on have to wait.
 */
export function entriesForBatch(waiting: readonly NumberedEntry[], numberMax: number): number {
  let taken = 0;
  let rows = 0;
  let bytes = 0;
  for (const { number, entry, events } of waiting) {
    if (number >= numberMax || rows >= BATCH_ROWS_MAX || bytes >= BATCH_BYTES_MAX) break;
    rows += Math.max(1, entry.deliveries.length) + (events?.length ?? 0);
    bytes += entry.bytes;
    taken++;
  }
  return taken;
}
