import type { Figure } from '../scenario.js';

/** Messages that reached subscribers. */
export const delivered: Figure = { key: 'delivered_per_s', label: 'msg/s', digits: 0, isCompared: true };
/** Processors that the broker's process kept busy. */
export const brokerCpu: Figure = { key: 'broker_cpu', label: 'broker CPU', digits: 2, isCompared: false };
/** The same of the load generator. */
export const loadCpu: Figure = { key: 'load_cpu', label: 'load CPU', digits: 2, isCompared: false };

/** What tells how much a broker in memory moves, and at which cost. */
export const throughput: readonly Figure[] = [delivered, brokerCpu, loadCpu];
