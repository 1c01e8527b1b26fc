import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

import type { MemoryReading } from '../../application/ports/memory-reading.js';
import type { Storage } from '../../application/ports/storage.js';
import type { Broker } from '../../application/broker.js';

/** One counter whose values are read, by label, when they are asked for. */
interface CounterReading {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  readonly read: () => Iterable<readonly [label: string, value: number]>;
}

/** Who knows the process's memory. */
export interface MemoryFigures {
  readonly last: MemoryReading;
}

/** The broker's metrics. They are read from its plain counters when a scrape asks, and cost nothing else. */
export function brokerRegistry(broker: Broker, storage: Storage, memory: MemoryFigures): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const reading of [...counterReadings(broker), ...journalReadings(storage)])
    addCounter(registry, reading);
  addGauges(registry, broker, storage, memory);
  return registry;
}

function counterReadings({ counters }: Broker): CounterReading[] {
  const byQos = (counts: readonly number[]) => (): [string, number][] =>
    counts.map((n, qos) => [String(qos), n]);
  return [
    {
      name: 'messages_received',
      help: 'PUBLISH packets received',
      label: 'qos',
      read: byQos(counters.received),
    },
    { name: 'messages_sent', help: 'PUBLISH packets sent', label: 'qos', read: byQos(counters.sent) },
    { name: 'received_bytes', help: 'Bytes received', read: () => [['', counters.receivedBytes]] },
    {
      name: 'sent_publish_bytes',
      help: 'Bytes of PUBLISH packets sent',
      read: () => [['', counters.sentBytes]],
    },
    {
      name: 'messages_dropped',
      help: 'Messages discarded',
      label: 'reason',
      read: () => Object.entries(counters.dropped),
    },
    { name: 'connections_closed', help: 'Connections ended', label: 'reason', read: () => counters.closed },
    {
      name: 'connects_accepted',
      help: 'CONNECT packets accepted',
      read: () => [['', counters.connectsAccepted]],
    },
    {
      name: 'connects_refused',
      help: 'CONNECT packets refused, by CONNACK return code',
      label: 'code',
      read: () => [...counters.connectsRefused].map(([code, n]) => [String(code), n] as const),
    },
    {
      name: 'takeovers',
      help: 'Connections ended by a newer one of the same client id',
      read: () => [['', counters.takeovers]],
    },
    {
      name: 'sessions_expired',
      help: 'Sessions ended because their client stayed away',
      read: () => [['', counters.sessionsExpired]],
    },
    {
      name: 'reading_slowed',
      help: 'Times that reading from a publisher was put off',
      label: 'reason',
      read: () => Object.entries(counters.slowed),
    },
    {
      name: 'subscriptions_refused',
      help: 'Subscriptions answered by SUBACK code 0x80',
      label: 'reason',
      read: () => counters.subscriptionsRefused,
    },
    {
      name: 'internal_errors',
      help: 'Faults of the broker, contained in one connection',
      read: () => [['', counters.internalErrors]],
    },
  ];
}

function journalReadings(storage: Storage): CounterReading[] {
  return [
    {
      name: 'journal_commits',
      help: 'Transactions committed',
      read: () => [['', storage.figures().commits]],
    },
    {
      name: 'journal_rows_written',
      help: 'Deliveries written',
      read: () => [['', storage.figures().rowsWritten]],
    },
    {
      name: 'journal_rows_elided',
      help: 'Deliveries that were acknowledged before they had to be written',
      read: () => [['', storage.figures().rowsElided]],
    },
  ];
}

function addCounter(registry: Registry, { name, help, label, read }: CounterReading): void {
  new Counter({
    name: `surety_${name}_total`,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of read()) this.inc(label === undefined ? {} : { [label]: value }, count);
    },
  });
}

function addGauges(registry: Registry, broker: Broker, storage: Storage, memory: MemoryFigures): void {
  const gauges = {
    ready: [
      '1 while durable changes can be made durable',
      () => (storage.health.failure === undefined ? 1 : 0),
    ],
    journal_pending_bytes: [
      'Topic and payload bytes that wait to be committed',
      () => storage.figures().pendingBytes,
    ],
    connections: ['Clients connected', () => broker.gauges().connections],
    sessions: ['Sessions, of connected and absent clients', () => broker.gauges().sessions],
    subscriptions: ['Subscriptions', () => broker.gauges().subscriptions],
    retained_messages: ['Retained messages', () => broker.gauges().retainedMessages],
    retained_bytes: ['Topic and payload bytes of the retained messages', () => broker.gauges().retainedBytes],
    memory_used_bytes: ['Memory in use, as `limits.memoryBytesMax` counts it', () => memory.last.usedBytes],
    memory_limit_bytes: ['Memory past which connections are refused', () => memory.last.limitBytes],
  } as const;
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      name: `surety_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
