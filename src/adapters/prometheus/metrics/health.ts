import process from 'node:process';

import { FixedHistogram } from '../../../domain/fixed-histogram.js';
import type { MetricDefinition } from '../metric-definition.js';

const NOTHING = new FixedHistogram([]);

/** The broker itself. */
export const HEALTH: readonly MetricDefinition[] = [
  {
    name: 'surety_build_info',
    type: 'gauge',
    help: 'Always 1; the version of the broker, and of the Node.js that it runs on.',
    labels: ['version', 'node_version'],
    read: ({ version }) => [[version, process.version, 1]],
  },
  {
    name: 'surety_ready',
    type: 'gauge',
    help: '1 while `/readyz` answers 200.',
    read: ({ unreadiness }) => (unreadiness() === undefined ? 1 : 0),
  },
  {
    name: 'surety_memory_used_bytes',
    type: 'gauge',
    help: 'Memory in use, as `limits.memoryBytesMax` counts it.',
    read: ({ memory }) => memory.last.usedBytes,
  },
  {
    name: 'surety_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory past which connections are refused.',
    read: ({ memory }) => memory.last.limitBytes,
  },
  {
    name: 'surety_internal_errors_total',
    type: 'counter',
    help: 'Faults of the broker, each contained in one connection or one entry of a sweep.',
    read: ({ broker }) => broker.counters.internalErrors,
  },
  {
    name: 'surety_canary_round_trip_seconds',
    type: 'histogram',
    help: "What the broker's own client took to connect, subscribe, publish at QoS 1 and get its message back.",
    read: ({ canary }) => canary?.seconds ?? NOTHING,
  },
  {
    name: 'surety_canary_failures_total',
    type: 'counter',
    help: "Rounds of the broker's own client that failed, by the step at which they did.",
    labels: ['step'],
    read: ({ canary }) => Object.entries(canary?.failures ?? {}),
  },
];
