import { goals } from '../goals.js';
import { logins } from '../logins.js';
import type { Pace } from '../load/load-options.js';
import type { Transport } from '../transport.js';
import type { Figure, Scenario, Suite } from '../scenario.js';
import { latencies, throughput } from './figures.js';

const LATENCY_WARMUP_SECONDS = 15;

const scenarios: readonly Scenario[] = [
  scenario('qos0-pair', 'QoS 0, one pair', { layout: 'pair', pubs: 1, qos: 0 }, throughput),
  scenario('qos0-pairs', 'QoS 0, 20 pairs', { layout: 'pair', pubs: 20, qos: 0 }, throughput),
  scenario('qos0-fanin', 'QoS 0, 50 to 1', { layout: 'fanin', pubs: 50, subs: 1, qos: 0 }, throughput),
  scenario('qos0-fanout', 'QoS 0, 1 to 50', { layout: 'fanout', pubs: 1, subs: 50, qos: 0 }, throughput),
  scenario('qos1-pairs', 'QoS 1, 20 pairs', { layout: 'pair', pubs: 20, qos: 1 }, throughput),
  scenario('qos2-pairs', 'QoS 2, 20 pairs', { layout: 'pair', pubs: 20, qos: 2 }, throughput),
  scenario(
    'qos0-mixed',
    'QoS 0, 20 pairs, each publisher rotating over 50 topics, subscribers on wildcards',
    { layout: 'pair', pubs: 20, qos: 0, topics: 50 },
    throughput,
  ),
  scenario(
    'qos0-small',
    'QoS 0, 20 pairs, one message a write, window 20 (for information: the load generator is at its limit)',
    { layout: 'pair', pubs: 20, qos: 0, batch: 1, window: 20 },
    throughput,
  ),
  transportScenario('ws-20-pairs', 'QoS 0, 20 pairs, by WebSocket, a frame for each packet', 'ws'),
  transportScenario('tls-20-pairs', 'QoS 0, 20 pairs, by TLS', 'tls'),
  latencyScenario(
    'latency-5k',
    'QoS 0, 20 pairs at 5,000 msg/s, what is due each millisecond in one write',
    'burst',
  ),
  latencyScenario(
    'latency-5k-even',
    'QoS 0, 20 pairs at 5,000 msg/s, each message by itself (for information)',
    'even',
  ),
  {
    name: 'logins',
    title: 'QoS 0, 20 pairs at 5,000 msg/s, while 1,000 clients log in at once with argon2id',
    load: {
      layout: 'pair',
      pubs: 20,
      qos: 0,
      rate: 5000,
      pace: 'burst',
      size: 100,
      window: 500,
      warmup: 5,
      secs: 20,
    },
    figures: [
      { key: 'quiet_p99_ms', label: 'p99 ms before', digits: 3, isCompared: false },
      { key: 'storm_p99_ms', label: 'p99 ms meanwhile', digits: 3, isCompared: false },
      { key: 'added_ms', label: 'added ms', digits: 3, isCompared: true },
      { key: 'logins_s', label: 'all in after s', digits: 1, isCompared: false },
    ],
    peers: ['surety'],
    procedures: { surety: logins },
  },
];

/** Everything in memory, every session clean: what the data plane can move, beside two other brokers. */
export const memorySuite: Suite = {
  name: 'memory',
  title: 'in memory, clean sessions, 100-byte payloads, 500 messages in flight a publisher',
  subject: 'surety',
  peers: ['surety', 'aedes', 'mosquitto'],
  scenarios,
  minimums: goals.memory,
  isPinned: true,
  rounds: 3,
  measureSeconds: 5,
};

function scenario(name: string, title: string, load: Scenario['load'], figures: readonly Figure[]): Scenario {
  return { name, title, load: { size: 100, window: 500, ...load }, figures };
}

/** As `qos0-pairs`, by another transport; aedes has none of them by itself. */
function transportScenario(name: string, title: string, transport: Transport): Scenario {
  const load = { layout: 'pair', pubs: 20, qos: 0 };
  return { ...scenario(name, title, load, throughput), transport, peers: ['surety', 'mosquitto'] };
}

/** What a just-in-time compiler does in its first seconds is no part of a latency: all brokers are warmed up alike. */
function latencyScenario(name: string, title: string, pace: Pace): Scenario {
  const load = { layout: 'pair', pubs: 20, qos: 0, rate: 5000, pace, warmup: LATENCY_WARMUP_SECONDS };
  return {
    ...scenario(name, `${title}, after ${LATENCY_WARMUP_SECONDS} s of warm-up`, load, latencies),
    rounds: 5,
  };
}
