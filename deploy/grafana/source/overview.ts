import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { bars, figure, graph, list } from './panels.js';
import { curve, increase, of, present, rate, rows, sum } from './queries.js';
import { PROMETHEUS } from './sources.js';
import { DROPPED_UNWANTED } from './reasons.js';

const YES_NO = { '1': { text: 'yes', color: 'green' }, '0': { text: 'no', color: 'red' } };

/** There are series of alerts only while some fire. */
const FIRING = of('ALERTS', 'alertstate="firing", alertname=~"Surety.+"');

/** How the brokers do, at a glance. */
export const overview: Board = {
  uid: BOARDS.overview,
  title: 'overview',
  about: 'How the brokers do, at a glance. Each panel leads to the dashboard that tells more.',
  rows: {
    State: [
      figure({
        title: 'Ready',
        about: 'Whether clients should be sent here, as /readyz says.',
        queries: [present(of('surety_ready'))],
        words: YES_NO,
        alerts: ['SuretyNotReady', 'SuretyDown'],
      }),
      figure({
        title: 'Database',
        about:
          'Whether the database takes changes. While it does not, durable publishes wait for their acknowledgement.',
        queries: [present(of('surety_database_up'))],
        words: YES_NO,
        alerts: ['SuretyDatabaseDown'],
        more: 'delivery',
      }),
      figure({
        title: 'Alerts',
        about: 'Alerts of deploy/prometheus that fire now.',
        queries: [present(`count(${FIRING}) or vector(0)`, 'firing')],
        limits: [1],
        more: 'runbooks',
      }),
      figure({
        title: 'Clients',
        about: 'Clients that are connected.',
        queries: [curve(sum(of('surety_connections')), 'connected')],
        more: 'sessions',
      }),
      figure({
        title: 'Waiting messages',
        about: 'QoS 1 and 2 messages that wait for offline or slow clients.',
        queries: [curve(sum(of('surety_queue_messages')), 'waiting')],
        more: 'sessions',
      }),
      figure({
        title: 'Messages lost',
        about:
          'Messages discarded in the time shown because a queue, an outbox or the store of retained messages was full. ' +
          'Nothing is discarded without being counted.',
        queries: [present(sum(increase('surety_messages_dropped_total', DROPPED_UNWANTED)), 'lost')],
        limits: [1],
        alerts: ['SuretyMessagesLost'],
        more: 'delivery',
      }),
    ],
    Traffic: [
      graph({
        title: 'Messages in',
        about: 'PUBLISH packets that clients send in a second, by QoS.',
        queries: [curve(sum(rate('surety_messages_received_total'), 'qos'), 'QoS {{qos}}')],
        unit: 'mps',
        isStacked: true,
        more: 'delivery',
      }),
      graph({
        title: 'Messages out',
        about: 'PUBLISH packets that clients are sent in a second, by QoS, repeats included.',
        queries: [curve(sum(rate('surety_messages_sent_total'), 'qos'), 'QoS {{qos}}')],
        unit: 'mps',
        isStacked: true,
        more: 'delivery',
      }),
      graph({
        title: 'Clients and sessions',
        about: 'Sessions of clients that are connected and of those that are away.',
        queries: [curve(sum(of('surety_sessions'), 'state'), '{{state}}')],
        isStacked: true,
        more: 'sessions',
      }),
    ],
    Health: [
      graph({
        title: 'How long acknowledgements wait (p99)',
        about:
          'From a durable publish until PUBACK, PUBREC or PUBCOMP, where it had to wait for the journal or a receiver.',
        queries: [curve(of('instance:surety_journal_receive_to_ack_seconds:p99_rate5m'))],
        unit: 's',
        limits: [0.5, 1],
        alerts: ['SuretyAcknowledgementsSlow'],
        more: 'delivery',
      }),
      graph({
        title: 'Round trip of the canary (p90)',
        about: "What the broker's own client takes to connect, subscribe, publish and get its message back.",
        queries: [curve(of('instance:surety_canary_round_trip_seconds:p90_rate10m'))],
        unit: 's',
        limits: [0.5, 1],
        alerts: ['SuretyCanaryFails', 'SuretyCanarySlow'],
        more: 'runtime',
      }),
      graph({
        title: 'Event-loop lag (p99)',
        about: 'How late the one thread of the broker is for what is due: a bound for how late messages are.',
        queries: [curve(of('nodejs_eventloop_lag_p99_seconds'))],
        unit: 's',
        limits: [0.1, 0.25],
        alerts: ['SuretyEventLoopSlow'],
        more: 'runtime',
      }),
      bars({
        title: 'How full',
        about:
          'The share of each limit that is used. At a limit the broker refuses or slows; nothing breaks.',
        width: 12,
        queries: [present(of('instance_limit:surety_limit_used:ratio'), '{{limit}} {{instance}}')],
        unit: 'percentunit',
        limits: [0.8, 0.9],
        alerts: [
          ...[
            'SuretyConnectionsNearLimit',
            'SuretySessionsNearLimit',
            'SuretyRetainedNearLimit',
            'SuretyJournalFull',
          ],
          ...['SuretyMemoryNearLimit', 'SuretyOpenFilesNearLimit'],
        ],
      }),
      list({
        title: 'Brokers',
        about: 'What runs where, and since when.',
        width: 12,
        height: 8,
        source: PROMETHEUS,
        queries: [
          rows(`max by (instance, version, node_version) (${of('surety_build_info')})`),
          rows(`max by (instance) (time() - ${of('process_start_time_seconds', 'job="surety"')})`),
        ],
        columns: {
          Time: { isHidden: true },
          'Value #A': { isHidden: true },
          'Value #B': { name: 'Up for', unit: 's' },
        },
      }),
    ],
  },
};
