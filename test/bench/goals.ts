import type { Minimum } from './scenario.js';

/** Over mosquitto's in the same run, unless a bound is on the figure itself. Suites without an entry ask for nothing. */
const throughput = [
  atLeast('qos0-pair', 'mosquitto', 12),
  atLeast('qos0-pairs', 'mosquitto', 11),
  atLeast('qos0-fanin', 'mosquitto', 13),
  atLeast('qos0-fanout', 'mosquitto', 20),
  atLeast('qos1-pairs', 'mosquitto', 12),
  atLeast('qos2-pairs', 'mosquitto', 14),
];

const latency: readonly Minimum[] = [
  ...['p50_ms', 'p99_ms', 'p999_ms'].map((figure) => ({
    scenario: 'latency-5k',
    figure,
    reference: 'mosquitto',
    max: 1,
  })),
  { scenario: 'latency-50k', figure: 'p99_ms', max: 5 },
  { scenario: 'latency-50k', figure: 'loop_ms_max', max: 10 },
  ownCode('latency-5k'),
];

const connections: readonly Minimum[] = [
  { scenario: 'idle-15k', figure: 'bytes_each', max: 8192 },
  { scenario: 'storm-15k', figure: 'connects_per_s', reference: 'mosquitto', min: 2 },
  ownCode('storm-15k'),
];

/** A thousand times as many subscriptions may cost what the processor's caches no longer hold, and no more. */
const matching: readonly Minimum[] = [
  { scenario: 'memory-1m', figure: 'bytes_each', max: 500 },
  ...['exact', 'plus', 'hash', 'mixed'].map((kind) => ({
    scenario: `match-${kind}`,
    figure: 'growth',
    max: 15,
  })),
];

const stalls: readonly Minimum[] = [
  { scenario: 'retained-1m', figure: 'stall_ms', max: 20 },
  { scenario: 'subscribe-100k', figure: 'stall_ms', max: 20 },
  ownCode('retained-1m'),
  ownCode('subscribe-100k'),
];

const soak: readonly Minimum[] = [{ scenario: 'soak-100k', figure: 'mb_per_min', max: 1 }];

const durable: readonly Minimum[] = [
  atLeast('live-qos1', 'mosquitto', 4),
  atLeast('live-qos1-wide', 'mosquitto', 6),
  atLeast('live-qos2', 'mosquitto', 1),
  { scenario: 'offline-qos1', figure: 'completed_per_s', reference: 'bare-insert', min: 0.8 },
  { scenario: 'offline-qos1', figure: 'completed_per_s', min: 60_000 },
  atLeast('trail-live', 'surety-plain', 0.5),
  { scenario: 'trail-offline', figure: 'completed_per_s', reference: 'surety-plain', min: 0.5 },
  atLeast('audit-cost-qos0', 'surety-plain', 0.95),
  atLeast('audit-cost-qos1', 'surety-plain', 0.95),
  { scenario: 'puback-5k', figure: 'ack_p99_ms', max: 5 },
  { scenario: 'backlog', figure: 'drained_per_s', min: 50_000 },
  { scenario: 'backlog', figure: 'fill_growth_mb', max: 10 },
  { scenario: 'backlog', figure: 'restart_growth_mb', max: 10 },
  { scenario: 'restart', figure: 'ready_s', max: 5 },
];

const memory: readonly Minimum[] = [
  ...throughput,
  { scenario: 'latency-5k', figure: 'p99_ms', reference: 'mosquitto', max: 1 },
  atLeast('qos0-mixed', 'mosquitto', 6),
  atLeast('ws-20-pairs', 'mosquitto', 4),
  atLeast('tls-20-pairs', 'mosquitto', 4),
  { scenario: 'logins', figure: 'added_ms', max: 50 },
];

const scrape: readonly Minimum[] = [
  { scenario: 'scrape-20k', figure: 'scrape_cpu_ms', max: 50 },
  { scenario: 'scrape-20k', figure: 'scrape_max_ms', max: 50 },
  { scenario: 'scrape-20k', figure: 'added_ms', max: 5 },
];

const access = [atLeast('access-rules', 'surety', 0.9)];

/** What is asked of Surety, by suite: the one place where it stands. */
export const goals = {
  ...{ throughput, latency, connections, matching, stalls, soak },
  ...{ durable, memory, access, scrape },
};

/** How long the broker's own code may hold up its event loop. */
function ownCode(scenario: string): Minimum {
  return { scenario, figure: 'loop_code_ms_max', max: 10 };
}

function atLeast(scenario: string, reference: string, min: number): Minimum {
  return { scenario, figure: 'delivered_per_s', reference, min };
}
