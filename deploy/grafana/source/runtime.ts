import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { figure, graph } from './panels.js';
import { curve, increase, of, present, quantile, rate, sum } from './queries.js';

/** The metrics that every program has are asked for by the job: other programs have them as well. */
const JOB = 'job="surety"';

/** The process that the broker is, and its machine. */
export const runtime: Board = {
  uid: BOARDS.runtime,
  title: 'runtime',
  about:
    'The process that the broker is: its thread, its memory, its collector of garbage, and its own test client.',
  rows: {
    Thread: [
      graph({
        title: 'Event-loop lag',
        about: 'How late the one thread is for what is due: half, 90 % and 99 % of the time, and at most.',
        queries: [
          curve(of('nodejs_eventloop_lag_p50_seconds', JOB), 'p50 {{instance}}'),
          curve(of('nodejs_eventloop_lag_p90_seconds', JOB), 'p90 {{instance}}'),
          curve(of('nodejs_eventloop_lag_p99_seconds', JOB), 'p99 {{instance}}'),
          curve(of('nodejs_eventloop_lag_max_seconds', JOB), 'max {{instance}}'),
        ],
        unit: 's',
        limits: [0.1, 0.25],
        alerts: ['SuretyEventLoopSlow'],
      }),
      graph({
        title: 'CPU',
        about:
          'Cores that the process keeps busy. The broker itself has one; passwords are checked by other threads.',
        queries: [
          curve(rate('process_cpu_user_seconds_total', JOB), 'own code {{instance}}'),
          curve(rate('process_cpu_system_seconds_total', JOB), 'system {{instance}}'),
        ],
        unit: 'short',
        isStacked: true,
      }),
      graph({
        title: 'Garbage collection',
        about: 'The share of the time that it takes, by kind.',
        queries: [curve(sum(rate('nodejs_gc_duration_seconds_sum', JOB), 'kind'), '{{kind}}')],
        unit: 'percentunit',
      }),
    ],
    Memory: [
      graph({
        title: 'In use, and the limit',
        about: 'As limits.memoryBytesMax counts it; past the limit new connections are refused.',
        queries: [
          curve(of('surety_memory_used_bytes')),
          curve(of('surety_memory_limit_bytes'), 'limit {{instance}}'),
        ],
        unit: 'bytes',
        alerts: ['SuretyMemoryNearLimit'],
      }),
      graph({
        title: 'Process',
        about: 'What the process has of the machine, and of that its heap and its buffers.',
        queries: [
          curve(of('process_resident_memory_bytes', JOB), 'resident {{instance}}'),
          curve(of('nodejs_heap_size_used_bytes', JOB), 'heap in use {{instance}}'),
          curve(of('nodejs_external_memory_bytes', JOB), 'buffers {{instance}}'),
        ],
        unit: 'bytes',
      }),
      graph({
        title: 'Open files',
        about: 'Each connection is one. At the limit no client can connect.',
        queries: [
          curve(of('process_open_fds', JOB)),
          curve(of('process_max_fds', JOB), 'limit {{instance}}'),
        ],
        alerts: ['SuretyOpenFilesNearLimit'],
      }),
    ],
    Network: [
      graph({
        title: 'Packets',
        about: 'MQTT packets of every kind in a second.',
        queries: [
          curve(sum(rate('surety_packets_received_total')), 'in'),
          curve(sum(rate('surety_packets_sent_total')), 'out'),
        ],
        unit: 'pps',
      }),
      graph({
        title: 'Bytes',
        about: 'All bytes in a second, without those of TLS or WebSocket.',
        queries: [
          curve(sum(rate('surety_received_bytes_total')), 'in'),
          curve(sum(rate('surety_sent_bytes_total')), 'out'),
        ],
        unit: 'Bps',
      }),
      graph({
        title: 'Connections opened',
        about: 'In a second, with or without an MQTT packet.',
        queries: [curve(sum(rate('surety_connections_opened_total')), 'opened')],
        unit: 'cps',
        more: 'security',
      }),
    ],
    Canary: [
      graph({
        title: 'Round trip',
        about:
          "What the broker's own client took to connect, subscribe, publish at QoS 1 and get its message back. It needs no " +
          'listener: probe those from where the clients are.',
        queries: [
          curve(quantile(0.5, 'surety_canary_round_trip_seconds'), 'p50'),
          curve(quantile(0.9, 'surety_canary_round_trip_seconds'), 'p90'),
        ],
        unit: 's',
        limits: [0.5, 1],
        alerts: ['SuretyCanarySlow'],
        interval: '2m',
      }),
      graph({
        title: 'Failed rounds, by step',
        about: 'In a minute.',
        queries: [curve(sum(`60 * ${rate('surety_canary_failures_total')}`, 'step'), '{{step}}')],
        unit: 'short',
        alerts: ['SuretyCanaryFails'],
      }),
      figure({
        title: 'Faults of the broker',
        about: 'In the time shown; each was contained in one connection or one entry of a sweep.',
        queries: [present(sum(increase('surety_internal_errors_total')), 'faults')],
        limits: [1],
        height: 8,
        alerts: ['SuretyInternalErrors'],
      }),
      figure({
        title: 'Scrape takes',
        about: 'What it takes Prometheus to read the metrics.',
        queries: [curve(of('scrape_duration_seconds', JOB))],
        unit: 's',
        limits: [0.05, 1],
        height: 8,
        alerts: ['SuretyDown'],
      }),
    ],
  },
};
