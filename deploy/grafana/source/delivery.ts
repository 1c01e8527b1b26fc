import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { figure, graph, heat } from './panels.js';
import { buckets, curve, increase, mean, of, present, quantile, rate, sum } from './queries.js';
import { DROPPED_UNWANTED } from './reasons.js';

/** What becomes of messages, and what durability costs. */
export const delivery: Board = {
  uid: BOARDS.delivery,
  title: 'delivery and durability',
  about:
    'What becomes of messages on their way, and what it takes to commit them before they are acknowledged.',
  rows: {
    Messages: [
      graph({
        title: 'In, by QoS',
        about: 'PUBLISH packets that clients send in a second.',
        queries: [curve(sum(rate('surety_messages_received_total'), 'qos'), 'QoS {{qos}}')],
        unit: 'mps',
        isStacked: true,
      }),
      graph({
        title: 'Out, by QoS',
        about: 'PUBLISH packets that clients are sent in a second, repeats included.',
        queries: [curve(sum(rate('surety_messages_sent_total'), 'qos'), 'QoS {{qos}}')],
        unit: 'mps',
        isStacked: true,
      }),
      graph({
        title: 'Payload',
        about: 'Bytes of payload in and out in a second.',
        queries: [
          curve(sum(rate('surety_messages_received_bytes_total')), 'in'),
          curve(sum(rate('surety_messages_sent_bytes_total')), 'out'),
        ],
        unit: 'Bps',
      }),
      graph({
        title: 'Discarded, by reason',
        about:
          'Messages discarded in a second. `offline` is QoS 0 for absent clients, as MQTT has it; `queue_full`, `outbox_full` ' +
          'and `retained_full` are limits that were met.',
        queries: [curve(sum(rate('surety_messages_dropped_total'), 'reason'), '{{reason}}')],
        unit: 'mps',
        alerts: ['SuretyMessagesLost'],
      }),
      graph({
        title: 'In flight',
        about: 'QoS 1 and 2 messages that were sent and have not been acknowledged to the end.',
        queries: [curve(of('surety_inflight_messages'))],
      }),
      figure({
        title: 'Lost',
        about: 'Messages discarded in the time shown because something was full.',
        queries: [present(sum(increase('surety_messages_dropped_total', DROPPED_UNWANTED)), 'lost')],
        limits: [1],
        height: 8,
        alerts: ['SuretyMessagesLost'],
      }),
      figure({
        title: 'Wills published',
        about: 'In the time shown, of clients that went without DISCONNECT.',
        queries: [present(sum(increase('surety_wills_published_total')), 'wills')],
        height: 8,
      }),
    ],
    Acknowledgements: [
      heat({
        title: 'How long acknowledgements wait',
        about:
          'From a durable publish until PUBACK, PUBREC or PUBCOMP, where it had to wait for the journal or a receiver: ' +
          'how many in each range of durations.',
        queries: [buckets('surety_journal_receive_to_ack_seconds')],
        unit: 's',
        width: 12,
        alerts: ['SuretyAcknowledgementsSlow'],
      }),
      graph({
        title: 'Quantiles of that',
        about: 'Half, 90 % and 99 % of acknowledgements wait no longer.',
        queries: [0.5, 0.9, 0.99].map((q) =>
          curve(quantile(q, 'surety_journal_receive_to_ack_seconds'), `p${q * 100}`),
        ),
        unit: 's',
        width: 12,
        limits: [0.5, 1],
        alerts: ['SuretyAcknowledgementsSlow'],
      }),
    ],
    Journal: [
      graph({
        title: 'Deliveries written and spared',
        about:
          'Rows of deliveries in a second: written, and never written because they were acknowledged before they had to be.',
        queries: [
          curve(sum(rate('surety_journal_rows_written_total')), 'written'),
          curve(sum(rate('surety_journal_rows_elided_total')), 'spared'),
        ],
        unit: 'rowsps',
      }),
      graph({
        title: 'Share that was spared',
        about: 'The quicker receivers acknowledge, the less the database has to do.',
        queries: [curve(of('instance:surety_journal_rows_elided:ratio_rate5m'))],
        unit: 'percentunit',
      }),
      graph({
        title: 'Commits',
        about:
          'Transactions of the journal in a second, and attempts that did not succeed. Each batch is tried until one does.',
        queries: [
          curve(sum(rate('surety_journal_commits_total')), 'committed'),
          curve(sum(rate('surety_journal_failures_total')), 'failed'),
        ],
        unit: 'ops',
        alerts: ['SuretyDatabaseDown'],
      }),
      graph({
        title: 'Rows in a transaction',
        about: 'Deliveries that a transaction wrote: the mean, and what 99 % do not exceed.',
        queries: [
          curve(mean('surety_journal_batch_rows'), 'mean'),
          curve(quantile(0.99, 'surety_journal_batch_rows'), 'p99'),
        ],
      }),
      graph({
        title: 'Gather to commit',
        about: 'From the first change of a batch until the batch was committed.',
        queries: [0.5, 0.99].map((q) =>
          curve(quantile(q, 'surety_journal_gather_to_commit_seconds'), `p${q * 100}`),
        ),
        unit: 's',
        alerts: ['SuretyCommitsSlow'],
      }),
      graph({
        title: 'Waits to be committed',
        about:
          'Bytes of topics and payloads, and the limit past which the broker stops reading from those who send them.',
        queries: [
          curve(of('surety_journal_pending_bytes')),
          curve(of('surety_journal_pending_bytes_max'), 'limit {{instance}}'),
        ],
        unit: 'bytes',
        alerts: ['SuretyJournalFull'],
      }),
    ],
    Database: [
      graph({
        title: 'Commits take',
        about: 'From the beginning of a transaction of the journal until it was committed.',
        queries: [
          curve(quantile(0.5, 'surety_database_commit_seconds'), 'p50'),
          curve(quantile(0.99, 'surety_database_commit_seconds'), 'p99'),
        ],
        unit: 's',
        limits: [0.25, 0.5],
        alerts: ['SuretyCommitsSlow'],
      }),
      graph({
        title: 'Pages of queues take',
        about: 'What it takes to read a page of a queue back, the wait for a connection included.',
        queries: [
          curve(quantile(0.5, 'surety_database_read_seconds'), 'p50'),
          curve(quantile(0.99, 'surety_database_read_seconds'), 'p99'),
        ],
        unit: 's',
      }),
      graph({
        title: 'Reads under way',
        about:
          'Against the connections of their pool, past which they wait; and those that failed in a second.',
        queries: [
          curve(of('surety_database_reads'), 'under way {{instance}}'),
          curve(of('surety_database_read_connections'), 'connections {{instance}}'),
          curve(sum(rate('surety_database_read_failures_total')), 'failed in a second'),
        ],
      }),
    ],
  },
};
