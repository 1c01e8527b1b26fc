import { goals } from '../goals.js';
import { soak } from '../scale/soak.js';
import type { Suite } from '../scenario.js';
import { brokerCpu, delivered, shown } from './figures.js';
import { shipped } from './shipped.js';

const MINUTES = 10;

/** Whether memory grows under steady load. */
export const soakSuite: Suite = {
  name: 'soak',
  title: 'Surety as it ships, with metrics and an ACL file of 100 rules',
  subject: shipped.peer,
  peers: [shipped.peer],
  scenarios: [
    {
      name: 'soak-100k',
      title: `${MINUTES} minutes at 100,000 msg/s, QoS 0, 20 pairs; resident memory after the first two minutes`,
      load: { layout: 'pair', pubs: 20, qos: 0, size: 100, window: 500, rate: 100_000, secs: MINUTES * 60 },
      figures: [
        shown('mb_per_min', 'MB a minute', 3),
        shown('mb_min', 'MB at least', 1),
        shown('mb_max', 'MB at most', 1),
        shown('p99_ms', 'p99 ms', 3),
        delivered,
        brokerCpu,
      ],
      settings: shipped.settings,
      procedures: { [shipped.peer]: soak },
    },
  ],
  minimums: goals.soak,
  isPinned: true,
  rounds: 1,
  measureSeconds: MINUTES * 60,
};
