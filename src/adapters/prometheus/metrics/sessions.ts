import type { MetricDefinition } from '../metric-definition.js';

/** What the broker holds for its clients. */
export const SESSIONS: readonly MetricDefinition[] = [
  {
    name: 'surety_sessions',
    type: 'gauge',
    help: 'Sessions, of clients that are connected and of those that are offline.',
    labels: ['state'],
    read: ({ broker }) => {
      const { connections, sessions } = broker.gauges();
      return [
        ['connected', connections],
        ['offline', sessions - connections],
      ];
    },
  },
  {
    name: 'surety_sessions_max',
    type: 'gauge',
    help: 'The limit of sessions (`limits.sessionsMax`).',
    read: ({ limits }) => limits.sessionsMax,
  },
  {
    name: 'surety_sessions_expired_total',
    type: 'counter',
    help: 'Sessions ended because their client stayed away.',
    read: ({ broker }) => broker.counters.sessionsExpired,
  },
  {
    name: 'surety_subscriptions',
    type: 'gauge',
    help: 'Subscriptions of all sessions.',
    read: ({ broker }) => broker.gauges().subscriptions,
  },
  {
    name: 'surety_inflight_messages',
    type: 'gauge',
    help: 'QoS 1 and 2 messages that were sent and have not been acknowledged to the end.',
    read: ({ broker }) => broker.counters.totals.inflight,
  },
  {
    name: 'surety_queue_messages',
    type: 'gauge',
    help: 'QoS 1 and 2 messages that wait for offline or slow clients.',
    read: ({ broker }) => broker.counters.totals.queuedMessages,
  },
  {
    name: 'surety_queue_bytes',
    type: 'gauge',
    help: 'Topic and payload bytes of the messages that wait for offline or slow clients.',
    read: ({ broker }) => broker.counters.totals.queuedBytes,
  },
  {
    name: 'surety_queue_sessions',
    type: 'gauge',
    help: 'Sessions for which messages wait.',
    read: ({ broker }) => broker.counters.totals.waiting.size,
  },
  {
    name: 'surety_queue_oldest_seconds',
    type: 'gauge',
    help: 'How long the message has waited that waits longest; looked at every second, 10,000 queues at a time.',
    read: ({ broker }) => broker.counters.totals.oldestMs / 1000,
  },
  {
    name: 'surety_retained_messages',
    type: 'gauge',
    help: 'Retained messages.',
    read: ({ broker }) => broker.gauges().retainedMessages,
  },
  {
    name: 'surety_retained_messages_max',
    type: 'gauge',
    help: 'The limit of retained messages (`limits.retainedMessagesMax`).',
    read: ({ limits }) => limits.retainedMessagesMax,
  },
  {
    name: 'surety_retained_bytes',
    type: 'gauge',
    help: 'Topic and payload bytes of the retained messages.',
    read: ({ broker }) => broker.gauges().retainedBytes,
  },
  {
    name: 'surety_retained_bytes_max',
    type: 'gauge',
    help: 'The limit of the bytes of retained messages (`limits.retainedBytesMax`).',
    read: ({ limits }) => limits.retainedBytesMax,
  },
];
