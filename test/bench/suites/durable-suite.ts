import { backlogDrain } from '../durable/backlog-drain.js';
import { bareInsert } from '../durable/bare-insert.js';
import { offlineIngest } from '../durable/offline-ingest.js';
import { restartTime } from '../durable/restart-time.js';
import { goals } from '../goals.js';
import type { BrokerSettings, Figure, Scenario, Suite } from '../scenario.js';

const shown = (key: string, label: string, digits: number): Figure => ({
  key,
  label,
  digits,
  isCompared: false,
});
const delivered: Figure = { ...shown('delivered_per_s', 'msg/s', 0), isCompared: true };
const accepted: Figure = { ...shown('completed_per_s', 'rows/s', 0), isCompared: true };
const brokerCpu = shown('broker_cpu', 'broker+db CPU', 2);
const loadCpu = shown('load_cpu', 'load CPU', 2);
const deliveryP99 = shown('p99_ms', 'p99 ms', 2);
const ackP99 = shown('ack_p99_ms', 'ack p99 ms', 2);

/** Queues without a limit, so that nothing is dropped and every message costs what it must. */
const surety: BrokerSettings = {
  env: {
    SURETY_PERSISTENCE: 'postgres',
    SURETY_LIMITS_QUEUE_MESSAGES_MAX: '100000000',
    SURETY_LIMITS_QUEUE_BYTES_MAX: '100000000000',
  },
};
/** Its persistence writes at the autosave interval and at the end: an acknowledgement doesn't wait for it. */
const mosquitto: BrokerSettings = { configLines: ['persistence true', 'persistence_location DIRECTORY/'] };
const settings = { surety, mosquitto };
const withEnv = (env: BrokerSettings['env']): BrokerSettings => ({ env: { ...surety.env, ...env } });
/** The message trail for every message, against the audit trail alone. */
const trail = { surety: withEnv({ SURETY_AUDIT_MESSAGES: '#' }), 'surety-plain': surety };
/** The audit trail against none. */
const audit = { surety, 'surety-plain': withEnv({ SURETY_AUDIT_ENABLED: 'false' }) };
const both = ['surety', 'surety-plain'];
const live = ['surety', 'mosquitto'];

const pairs = { layout: 'pair', pubs: 20, size: 100, clean: 0 };
const offline = { layout: 'offline', pubs: 20, qos: 1, size: 100, clean: 0 };
const liveFigures = [delivered, deliveryP99, ackP99, brokerCpu, loadCpu];
const offlineFigures = [accepted, ackP99, brokerCpu, loadCpu];
const ingest = { surety: offlineIngest, 'bare-insert': bareInsert };

const scenarios: readonly Scenario[] = [
  {
    name: 'live-qos1',
    title: 'QoS 1, 20 pairs of persistent sessions, window 50',
    load: { ...pairs, qos: 1, window: 50 },
    figures: liveFigures,
    peers: live,
    settings,
  },
  {
    name: 'live-qos1-wide',
    title: 'QoS 1, the same with window 500, that of the throughput suite',
    load: { ...pairs, qos: 1, window: 500 },
    figures: liveFigures,
    peers: live,
    settings,
  },
  {
    name: 'live-qos2',
    title: 'QoS 2, 20 pairs of persistent sessions, window 50',
    load: { ...pairs, qos: 2, window: 50 },
    figures: liveFigures,
    peers: live,
    settings,
  },
  {
    name: 'live-qos2-wide',
    title: 'QoS 2, the same with window 500 (for information)',
    load: { ...pairs, qos: 2, window: 500 },
    figures: liveFigures,
    peers: live,
    rounds: 1,
    settings,
  },
  {
    name: 'offline-qos1',
    title: 'QoS 1, 20 publishers into 20 offline sessions, window 500; every row counted afterwards',
    load: { ...offline, window: 500 },
    figures: offlineFigures,
    peers: ['surety', 'bare-insert'],
    procedures: ingest,
    settings,
  },
  {
    name: 'trail-live',
    title: 'live-qos1 with the message trail for all topics, against that without; after 8 s of warm-up',
    // Before, V8's compiler takes a good part of the processor that PostgreSQL needs.
    load: { ...pairs, qos: 1, window: 50, warmup: 8 },
    figures: liveFigures,
    peers: both,
    rounds: 5,
    settings: trail,
  },
  {
    name: 'trail-offline',
    title: 'offline-qos1 with the message trail for all topics, against that without',
    load: { ...offline, window: 500 },
    figures: offlineFigures,
    peers: both,
    procedures: { surety: offlineIngest, 'surety-plain': offlineIngest },
    settings: trail,
  },
  {
    name: 'audit-cost-qos0',
    title: 'QoS 0, 20 pairs of persistent sessions, with the audit trail and without',
    load: { ...pairs, qos: 0 },
    figures: [delivered, brokerCpu, loadCpu],
    peers: both,
    // One round differs from the next by more than the twentieth that is asked about.
    rounds: 8,
    settings: audit,
  },
  {
    name: 'audit-cost-qos1',
    title: 'live-qos1, with the audit trail and without',
    load: { ...pairs, qos: 1, window: 50 },
    figures: liveFigures,
    peers: both,
    rounds: 8,
    settings: audit,
  },
  {
    name: 'offline-narrow',
    title: 'QoS 1, the same with window 50 (for information)',
    load: { ...offline, window: 50 },
    figures: offlineFigures,
    peers: ['surety'],
    rounds: 1,
    procedures: ingest,
    settings,
  },
  {
    name: 'puback-5k',
    title: 'QoS 1, 20 publishers at 5,000 msg/s into 20 offline sessions, after 3 s of warm-up',
    load: { ...offline, window: 500, rate: 5000, warmup: 3 },
    figures: [
      shown('ack_p50_ms', 'PUBACK p50 ms', 2),
      shown('ack_p99_ms', 'PUBACK p99 ms', 2),
      shown('ack_p999_ms', 'PUBACK p99.9', 2),
      { ...accepted, isCompared: false },
      brokerCpu,
    ],
    peers: ['surety'],
    procedures: ingest,
    settings,
  },
  {
    name: 'backlog',
    title:
      '1,000,000 messages for one session, drained after a restart while 2,000 msg/s come in; ' +
      'memory is resident memory, idle and garbage collected (SIGUSR2 to a preloaded hook); before the fill the broker ' +
      'has filled and drained 200,000',
    load: {},
    figures: [
      shown('drained_per_s', 'drained msg/s', 0),
      shown('ack_p99_ms', 'ack p99 meanwhile', 2),
      shown('fill_per_s', 'filled msg/s', 0),
      shown('fill_growth_mb', 'MB more once full', 1),
      shown('cold_growth_mb', 'MB more than idle', 1),
      shown('restart_growth_mb', 'MB more, restarted', 1),
      shown('full_mb', 'MB in all, full', 1),
    ],
    peers: ['surety'],
    rounds: 1,
    procedures: { surety: backlogDrain },
    settings,
  },
  {
    name: 'restart',
    title: 'start with 100,000 sessions of 3 subscriptions and 100,000 retained messages, to the ready line',
    load: {},
    figures: [shown('ready_s', 'ready after s', 2), shown('empty_ready_s', 's of a first start', 2)],
    peers: ['surety'],
    rounds: 1,
    procedures: { surety: restartTime },
    settings,
  },
];

/** Persistent sessions in the embedded PostgreSQL, fsync on, beside mosquitto's persistence, which isn't durable. */
export const durableSuite: Suite = {
  name: 'durable',
  title:
    'persistent sessions in the embedded PostgreSQL, 100-byte payloads; mosquitto with its own persistence on',
  subject: 'surety',
  peers: ['surety', 'surety-plain', 'mosquitto', 'bare-insert'],
  scenarios,
  minimums: goals.durable,
  isPinned: false,
  rounds: 3,
  measureSeconds: 3,
};
