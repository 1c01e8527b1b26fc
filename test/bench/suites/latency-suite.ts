import { goals } from '../goals.js';
import type { Pace } from '../load/load-options.js';
import { probedLoad } from '../scale/probed-load.js';
import type { Scenario, Suite } from '../scenario.js';
import { latencies, pauses } from './figures.js';
import { shipped } from './shipped.js';

const figures = [...latencies, ...pauses];

/** What a just-in-time compiler does in its first seconds is no part of a latency: all brokers are warmed up alike. */
const WARMUP_SECONDS = 10;

const scenarios: readonly Scenario[] = [
  // Its figures differ by more from round to round than the brokers do.
  { ...atRate('latency-5k', 5000, 'burst', 'what is due each millisecond in one write'), rounds: 5 },
  { ...atRate('latency-5k-even', 5000, 'even', 'each message by itself (for information)'), rounds: 1 },
  atRate('latency-50k', 50_000, 'burst', 'what is due each millisecond in one write'),
];

/** How long a message takes at rates that all brokers hold, and what stands in its way. */
export const latencySuite: Suite = {
  name: 'latency',
  title: 'Surety as it ships, with metrics and an ACL file of 100 rules; clean sessions, 100-byte payloads',
  subject: shipped.peer,
  peers: [shipped.peer, 'mosquitto'],
  scenarios,
  minimums: goals.latency,
  isPinned: true,
  rounds: 3,
  measureSeconds: 8,
};

function atRate(name: string, rate: number, pace: Pace, how: string): Scenario {
  return {
    name,
    title: `QoS 0, 20 pairs at ${rate.toLocaleString('en-US')} msg/s, ${how}, after ${WARMUP_SECONDS} s of warm-up`,
    load: { layout: 'pair', pubs: 20, qos: 0, size: 100, window: 500, rate, pace, warmup: WARMUP_SECONDS },
    figures,
    settings: shipped.settings,
    procedures: { [shipped.peer]: probedLoad },
  };
}
