import type { MetricDefinition } from '../metric-definition.js';

/** How changes become durable, and what the database takes for it. */
export const JOURNAL: readonly MetricDefinition[] = [
  {
    name: 'surety_journal_commits_total',
    type: 'counter',
    help: 'Transactions committed by the journal.',
    read: ({ storage }) => storage.figures().commits,
  },
  {
    name: 'surety_journal_failures_total',
    type: 'counter',
    help: 'Attempts to commit that did not succeed; each batch is tried until one does.',
    read: ({ storage }) => storage.figures().failures,
  },
  {
    name: 'surety_journal_rows_written_total',
    type: 'counter',
    help: 'Deliveries written.',
    read: ({ storage }) => storage.figures().rowsWritten,
  },
  {
    name: 'surety_journal_rows_elided_total',
    type: 'counter',
    help: 'Deliveries never written, because they were acknowledged before they had to be.',
    read: ({ storage }) => storage.figures().rowsElided,
  },
  {
    name: 'surety_journal_pending_bytes',
    type: 'gauge',
    help: 'Topic and payload bytes that wait to be committed.',
    read: ({ storage }) => storage.figures().pendingBytes,
  },
  {
    name: 'surety_journal_pending_bytes_max',
    type: 'gauge',
    help: 'The limit of what waits to be committed (`limits.journalBytesMax`); past it the broker stops reading from those who send it.',
    read: ({ limits }) => limits.journalBytesMax,
  },
  {
    name: 'surety_journal_batch_rows',
    type: 'histogram',
    help: 'Deliveries that a transaction wrote.',
    read: ({ storage }) => storage.figures().batchRows,
  },
  {
    name: 'surety_journal_gather_to_commit_seconds',
    type: 'histogram',
    help: 'From the first change of a batch until the batch was committed.',
    read: ({ storage }) => storage.figures().gatherSeconds,
  },
  {
    name: 'surety_journal_receive_to_ack_seconds',
    type: 'histogram',
    help: 'How long senders waited for an acknowledgement (PUBACK, PUBREC, PUBCOMP) that had to wait for the journal or a receiver; in steps of 1 ms.',
    read: ({ broker }) => broker.counters.acknowledged,
  },
  {
    name: 'surety_database_up',
    type: 'gauge',
    help: '1 while the database takes changes.',
    read: ({ storage }) => (storage.health.failure === undefined ? 1 : 0),
  },
  {
    name: 'surety_database_commit_seconds',
    type: 'histogram',
    help: 'From the beginning of a transaction of the journal until it was committed.',
    read: ({ storage }) => storage.figures().commitSeconds,
  },
  {
    name: 'surety_database_read_seconds',
    type: 'histogram',
    help: 'What it took to read a page of a queue back, the wait for a connection included.',
    read: ({ storage }) => storage.figures().reads.seconds,
  },
  {
    name: 'surety_database_read_failures_total',
    type: 'counter',
    help: 'Reads that failed or took too long; each is tried again.',
    read: ({ storage }) => storage.figures().reads.failures,
  },
  {
    name: 'surety_database_reads',
    type: 'gauge',
    help: 'Reads under way; past `surety_database_read_connections` they wait for a connection of the pool.',
    read: ({ storage }) => storage.figures().reads.underWay,
  },
  {
    name: 'surety_database_read_connections',
    type: 'gauge',
    help: 'Connections that the pool for reads may open.',
    read: ({ storage }) => storage.figures().reads.connectionsMax,
  },
];
