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
    name: 'surety_reading_slowed_total',
    type: 'counter',
    help: 'Times that reading from a publisher was put off, by reason: too many messages or bytes a second, too little memory, or too much that waits to be committed.',
    labels: ['reason'],
    read: ({ broker }) => Object.entries(broker.counters.slowed),
  },
];
