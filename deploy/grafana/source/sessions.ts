import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { figure, graph, list } from './panels.js';
import { curve, of, present, rate, sql, sum } from './queries.js';

/** In a condition: rows whose client id has the text in it that was asked for. */
const CLIENT_ASKED_FOR = 'strpos(client_id, ${client:sqlstring}) > 0';

/** What the broker holds for its clients: counts from Prometheus, and single ones from the database. */
export const sessions: Board = {
  uid: BOARDS.sessions,
  title: 'sessions and queues',
  about:
    'What the broker holds for its clients. Tables come from the views of the database: sessions begun with CleanSession 0.',
  hasSql: true,
  inputs: { client: 'Client id has' },
  rows: {
    Sessions: [
      graph({
        title: 'Sessions',
        about: 'Of clients that are connected and of those that are away.',
        queries: [curve(sum(of('surety_sessions'), 'state'), '{{state}}')],
        isStacked: true,
        alerts: ['SuretySessionsNearLimit'],
      }),
      graph({
        title: 'Clients come and go',
        about:
          'In a second: accepted CONNECTs, connections ended, those of them that a newer one took over, sessions that expired.',
        queries: [
          curve(sum(rate('surety_connects_accepted_total')), 'accepted'),
          curve(sum(rate('surety_connections_closed_total')), 'ended'),
          curve(sum(rate('surety_takeovers_total')), 'taken over'),
          curve(sum(rate('surety_sessions_expired_total')), 'expired'),
        ],
        unit: 'cps',
        more: 'security',
      }),
      graph({
        title: 'Subscriptions',
        about: 'Of all sessions.',
        queries: [curve(of('surety_subscriptions'))],
      }),
    ],
    Queues: [
      graph({
        title: 'Waiting messages',
        about: 'QoS 1 and 2 messages that wait for offline or slow clients.',
        queries: [curve(of('surety_queue_messages'))],
        width: 6,
        alerts: ['SuretyMessagesLost'],
      }),
      graph({
        title: 'Waiting bytes',
        about: 'Their topics and payloads.',
        queries: [curve(of('surety_queue_bytes'))],
        unit: 'bytes',
        width: 6,
      }),
      graph({
        title: 'Sessions that wait',
        about: 'Sessions for which messages wait.',
        queries: [curve(of('surety_queue_sessions'))],
        width: 6,
      }),
      graph({
        title: 'Longest wait',
        about: 'How long the message has waited that waits longest.',
        queries: [curve(of('surety_queue_oldest_seconds'))],
        unit: 's',
        width: 6,
      }),
      list({
        title: 'Longest queues',
        about: 'Messages that sessions have not acknowledged, the longest queues first.',
        width: 12,
        queries: [
          sql(
            `select client_id as "Client", messages as "Messages", bytes as "Bytes", oldest_age_seconds as "Oldest" ` +
              `from surety_report.queues where ${CLIENT_ASKED_FOR} order by messages desc limit 50`,
          ),
        ],
        columns: { Client: { leadsTo: 'security' }, Bytes: { unit: 'bytes' }, Oldest: { unit: 's' } },
      }),
      list({
        title: 'Longest away',
        about:
          'Sessions whose clients have been away longest. Those that never come back hold their queue until they expire.',
        width: 12,
        queries: [
          sql(
            `select client_id as "Client", extract(epoch from now() - disconnected_at) as "Away for", ` +
              `subscriptions as "Subscriptions", created_at as "Begun" from surety_report.sessions ` +
              `where not connected and ${CLIENT_ASKED_FOR} order by disconnected_at limit 50`,
          ),
        ],
        columns: { Client: { leadsTo: 'security' }, 'Away for': { unit: 's' } },
      }),
    ],
    Subscriptions: [
      list({
        title: 'Subscriptions of stored sessions',
        about: 'The client ids and filters that come first; narrow them down by the text above.',
        width: 12,
        queries: [
          sql(
            `select client_id as "Client", filter as "Filter", qos as "QoS" from surety_report.subscriptions ` +
              `where ${CLIENT_ASKED_FOR} order by client_id, filter limit 200`,
          ),
        ],
        columns: { Client: { leadsTo: 'security' } },
      }),
      list({
        title: 'Widest subscriptions',
        about: 'Filters that begin with a wildcard: who has one gets much, or everything.',
        width: 12,
        queries: [
          sql(
            `select client_id as "Client", filter as "Filter", qos as "QoS" from surety_report.subscriptions ` +
              `where (filter like '#%' or filter like '+%') and ${CLIENT_ASKED_FOR} order by filter, client_id limit 50`,
          ),
        ],
        columns: { Client: { leadsTo: 'security' } },
      }),
    ],
    'Retained messages': [
      graph({
        title: 'Retained messages',
        about: 'How many there are, and the limit.',
        queries: [
          curve(of('surety_retained_messages')),
          curve(of('surety_retained_messages_max'), 'limit {{instance}}'),
        ],
        alerts: ['SuretyRetainedNearLimit'],
      }),
      figure({
        title: 'Their bytes',
        about: 'Topics and payloads of the retained messages.',
        queries: [present(sum(of('surety_retained_bytes')), 'bytes')],
        unit: 'bytes',
        height: 8,
        alerts: ['SuretyRetainedNearLimit'],
      }),
      list({
        title: 'Largest retained messages',
        about: 'By payload.',
        width: 12,
        height: 8,
        queries: [
          sql(
            'select topic as "Topic", payload_bytes as "Bytes", qos as "QoS", published_at as "Published" ' +
              'from surety_report.retained_messages order by payload_bytes desc limit 50',
          ),
        ],
        columns: { Bytes: { unit: 'bytes' } },
      }),
    ],
  },
};
