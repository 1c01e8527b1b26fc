import { goals } from '../goals.js';
import type { LoadFlags } from '../load/load-options.js';
import type { Procedure } from '../procedure.js';
import { idleMemory, reconnectStorm } from '../scale/connections.js';
import type { Scenario, Suite } from '../scenario.js';
import { loadCpu, pauses, shown } from './figures.js';
import { shipped } from './shipped.js';

const BROKERS = [shipped.peer, 'mosquitto', 'aedes'];
const PEERS = [...BROKERS, 'relay'];

/** How many connections are idle in which scenario: fewer as well, for the curve. */
export const IDLE_COUNTS: readonly [name: string, count: number][] = [
  ['idle-5k', 5000],
  ['idle-10k', 10_000],
  ['idle-15k', 15_000],
];

const scenarios: readonly Scenario[] = [
  ...IDLE_COUNTS.map(([name, count]) => ({
    ...counted(name, count, idleMemory),
    title: `${count.toLocaleString('en-US')} idle connections with one subscription each; resident memory, garbage collected`,
    figures: [
      { ...shown('bytes_each', 'bytes each', 0), isCompared: true },
      shown('uncollected_bytes_each', 'before a collection', 0),
      shown('empty_mb', 'MB without them', 1),
      shown('full_mb', 'MB with them', 1),
    ],
    peers: BROKERS,
  })),
  ...storms(
    ['storm-15k', '15,000 clients whose connections are cut, and who all come back at the same moment', {}],
    [
      'storm-15k-paced',
      'the same with 100 of them on their way at a time (for information)',
      { at_a_time: 100 },
    ],
  ),
];

/** What connections cost: to have, and to open. */
export const connectionsSuite: Suite = {
  name: 'connections',
  title: 'Surety as it ships, with metrics and an ACL file of 100 rules; clean sessions',
  subject: shipped.peer,
  peers: PEERS,
  scenarios,
  minimums: goals.connections,
  isPinned: true,
  rounds: 1,
  measureSeconds: 5,
};

function storms(...each: readonly [name: string, title: string, load: LoadFlags][]): Scenario[] {
  return each.map(([name, title, load]) => {
    const base = counted(name, 15_000, reconnectStorm);
    return {
      ...{ ...base, title, load: { ...base.load, ...load } },
      figures: [
        { ...shown('connects_per_s', 'connects/s', 0), isCompared: true },
        { ...shown('cpu_us_each', 'broker CPU µs each', 0), isCompared: true },
        shown('storm_s', 's until all are back', 2),
        shown('drops', 'dropped as too many waited', 0),
        loadCpu,
        ...pauses,
      ],
      // The relay shows what Node.js takes for its sockets alone.
      peers: [shipped.peer, 'mosquitto', 'relay'],
      rounds: 3,
    };
  });
}

function counted(
  name: string,
  count: number,
  procedure: Procedure,
): Pick<Scenario, 'name' | 'load' | 'settings' | 'procedures'> {
  return {
    ...{ name, load: { count }, settings: shipped.settings },
    procedures: Object.fromEntries(PEERS.map((peer) => [peer, procedure])),
  };
}
