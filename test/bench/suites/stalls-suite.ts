import { goals } from '../goals.js';
import { stalls } from '../scale/stalls.js';
import type { BrokerSettings, Figure, Scenario, Suite } from '../scenario.js';
import { pauses, shown } from './figures.js';
import { shipped } from './shipped.js';

const RETAINED = 1_000_000;
const FILTERS = 100_000;

const figures = (unit: string): readonly Figure[] => [
  { ...shown('stall_ms', 'others waited, ms at most', 2), isCompared: true },
  shown('quiet_ms', 'before, ms at most', 2),
  shown('load_loop_ms_max', 'load generator held up, ms at most', 2),
  { ...shown('per_s', `${unit}/s`, 0), isCompared: true },
  ...pauses,
];
/** To write a million messages into the database is another measurement: see the durable suite. */
const inMemory: BrokerSettings = { env: { ...shipped.env, SURETY_PERSISTENCE: 'memory' } };

const scenarios: readonly Scenario[] = [
  {
    name: 'retained-1m',
    title: 'a wildcard subscription to a million retained messages (Surety in memory)',
    load: {},
    figures: figures('messages'),
    settings: { [shipped.peer]: inMemory },
    procedures: proceduresOf('retained', RETAINED),
  },
  {
    name: 'subscribe-100k',
    title: 'a hundred clients subscribe at the same moment to 100,000 filters, 1,000 in each SUBSCRIBE',
    load: {},
    figures: figures('filters'),
    settings: shipped.settings,
    procedures: proceduresOf('subscribe', FILTERS),
  },
  {
    name: 'subscribe-100k-memory',
    title: 'the same with Surety in memory: it has its processor to itself (for information)',
    load: {},
    figures: figures('filters'),
    settings: { [shipped.peer]: inMemory },
    procedures: proceduresOf('subscribe', FILTERS),
    peers: [shipped.peer],
  },
];

/** How long others wait while one client, or many, ask for much. */
export const stallsSuite: Suite = {
  name: 'stalls',
  title:
    'Surety as it ships, with metrics and an ACL file of 100 rules; a client publishes to itself every 2 ms',
  subject: shipped.peer,
  peers: [shipped.peer, 'mosquitto'],
  scenarios,
  minimums: goals.stalls,
  isPinned: true,
  rounds: 3,
  measureSeconds: 5,
};

function proceduresOf(
  task: Parameters<typeof stalls>[0],
  count: number,
): NonNullable<Scenario['procedures']> {
  return { [shipped.peer]: stalls(task, count), mosquitto: stalls(task, count) };
}
