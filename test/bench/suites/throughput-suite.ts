import { goals } from '../goals.js';
import type { LoadFlags } from '../load/load-options.js';
import type { Scenario, Suite } from '../scenario.js';
import { throughput } from './figures.js';
import { shipped } from './shipped.js';

const scenarios: readonly Scenario[] = [
  layout('qos0-pair', 'QoS 0, one pair', { layout: 'pair', pubs: 1, qos: 0 }),
  layout('qos0-pairs', 'QoS 0, 20 pairs', { layout: 'pair', pubs: 20, qos: 0 }),
  layout('qos0-fanin', 'QoS 0, 50 to 1', { layout: 'fanin', pubs: 50, subs: 1, qos: 0 }),
  layout('qos0-fanout', 'QoS 0, 1 to 50', { layout: 'fanout', pubs: 1, subs: 50, qos: 0 }),
  layout('qos1-pairs', 'QoS 1, 20 pairs', { layout: 'pair', pubs: 20, qos: 1 }),
  layout('qos2-pairs', 'QoS 2, 20 pairs', { layout: 'pair', pubs: 20, qos: 2 }),
];

/** What Surety moves as it is installed, with its database, its audit trail, metrics and access rules. */
export const throughputSuite: Suite = {
  name: 'throughput',
  title:
    'Surety as it ships (database, audit trail), with metrics and an ACL file of 100 rules; clean sessions, 100-byte ' +
    'payloads, 500 messages in flight a publisher',
  subject: shipped.peer,
  peers: [shipped.peer, 'mosquitto', 'aedes'],
  scenarios,
  minimums: goals.throughput,
  isPinned: true,
  rounds: 3,
  measureSeconds: 2,
};

function layout(name: string, title: string, load: LoadFlags): Scenario {
  return {
    ...{ name, title, figures: throughput, settings: shipped.settings },
    load: { size: 100, window: 500, ...load },
  };
}
