import type { Figure } from '../scenario.js';

/** Messages that reached subscribers. */
export const delivered: Figure = { key: 'delivered_per_s', label: 'msg/s', digits: 0, isCompared: true };
/** Processors that the broker's process kept busy. */
export const brokerCpu: Figure = { key: 'broker_cpu', label: 'broker CPU', digits: 2, isCompared: false };
/** The same of the load generator. */
export const loadCpu: Figure = { key: 'load_cpu', label: 'load CPU', digits: 2, isCompared: false };

/** What tells how much a broker in memory moves, and at which cost. */
export const throughput: readonly Figure[] = [delivered, brokerCpu, loadCpu];

const latency = (key: string, label: string): Figure => ({ key, label, digits: 3, isCompared: true });

/** How long messages take at a given rate, and at which cost. */
export const latencies: readonly Figure[] = [
  latency('p50_ms', 'p50 ms'),
  latency('p99_ms', 'p99 ms'),
  latency('p999_ms', 'p99.9 ms'),
  { ...brokerCpu, isCompared: true },
  loadCpu,
  { ...delivered, isCompared: false },
];

/** A figure that peers aren't compared by. */
export const shown = (key: string, label: string, digits: number): Figure => ({
  ...{ key, label, digits },
  isCompared: false,
});

/** What held up the broker's event loop, where a probe was in it. */
export const pauses: readonly Figure[] = [
  shown('loop_ms_max', 'event loop held up, ms at most', 2),
  shown('loop_own_ms_max', 'by itself, ms at most', 2),
  shown('loop_code_ms_max', 'by its own code, ms at most', 2),
  shown('gc_minor', 'young collections', 0),
  shown('gc_minor_ms_max', 'longest of them, ms', 2),
  shown('gc_major', 'full collections', 0),
  shown('gc_major_ms_max', 'longest of them, ms', 2),
  shown('gc_incremental_ms_max', 'longest marking step, ms', 2),
];
