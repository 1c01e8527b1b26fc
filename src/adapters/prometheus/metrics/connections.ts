import { CLOSE_REASONS } from '../../../domain/close-reason.js';
import type { MetricDefinition } from '../metric-definition.js';

/** The CONNACK return codes that refuse [MQTT 3.1.1, 3.2.2.3]. */
const REFUSAL_CODES = [1, 2, 3, 4, 5];

/** Who comes, who is let in, and how they go. */
export const CONNECTIONS: readonly MetricDefinition[] = [
  {
    name: 'surety_connections',
    type: 'gauge',
    help: 'Clients connected.',
    read: ({ broker }) => broker.gauges().connections,
  },
  {
    name: 'surety_connections_max',
    type: 'gauge',
    help: 'The limit of connections (`limits.connectionsMax`).',
    read: ({ limits }) => limits.connectionsMax,
  },
  {
    name: 'surety_connections_opened_total',
    type: 'counter',
    help: 'Connections that were opened to the broker, with or without an MQTT packet.',
    read: ({ broker }) => broker.counters.connectionsOpened,
  },
  {
    name: 'surety_connections_closed_total',
    type: 'counter',
    help: 'Connections ended, by reason.',
    labels: ['reason'],
    read: ({ broker }) =>
      CLOSE_REASONS.map((reason) => [reason, broker.counters.closed.get(reason) ?? 0] as const),
  },
  {
    name: 'surety_connects_accepted_total',
    type: 'counter',
    help: 'CONNECT packets accepted.',
    read: ({ broker }) => broker.counters.connectsAccepted,
  },
  {
    name: 'surety_connects_refused_total',
    type: 'counter',
    help: 'CONNECT packets refused, by CONNACK return code.',
    labels: ['code'],
    read: ({ broker }) =>
      REFUSAL_CODES.map((code) => [String(code), broker.counters.connectsRefused.get(code) ?? 0] as const),
  },
  {
    name: 'surety_takeovers_total',
    type: 'counter',
    help: 'Connections ended by a newer one with the same client id.',
    read: ({ broker }) => broker.counters.takeovers,
  },
  {
    name: 'surety_authentications_total',
    type: 'counter',
    help: 'Decisions on who a client is, by the provider that took them (`none` where nobody vouched for it) and by result: `accepted`, `bad_credentials`, `not_authorized`, or `failed` when nobody could decide.',
    labels: ['provider', 'result'],
    read: ({ broker }) => broker.counters.authentications.entries(),
  },
  {
    name: 'surety_authorizations_total',
    type: 'counter',
    help: 'Decisions on what a client may do, by action (`publish`, `subscribe`, `will`) and result (`allowed`, `denied`).',
    labels: ['action', 'result'],
    read: ({ broker: { counters } }) => {
      const { denied, server_topic: serverTopic } = counters.dropped;
      const published = counters.received.reduce((sum, count) => sum + count, 0);
      return [
        ['publish', 'allowed', published - denied - serverTopic],
        ['publish', 'denied', denied],
        ...counters.authorizations.entries(),
      ];
    },
  },
];
