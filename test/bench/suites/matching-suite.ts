import { goals } from '../goals.js';
import { MATCH_COUNTS, matchTime, trieMemory } from '../scale/match-time.js';
import type { Scenario, Suite } from '../scenario.js';
import { shown } from './figures.js';

const SUBSCRIPTIONS = 1_000_000;

const KINDS: readonly [kind: string, title: string][] = [
  ['exact', 'filters without wildcards'],
  ['plus', 'filters that end in +'],
  ['hash', 'filters that end in #'],
  ['mixed', 'a third of each'],
];

const scenarios: readonly Scenario[] = [
  ...KINDS.map(([kind, title]) => ({
    ...{
      name: `match-${kind}`,
      title: `the time of a match, ${title}, of topics that never came before`,
      load: {},
    },
    figures: [
      ...MATCH_COUNTS.map(([key, count]) => shown(key, `µs with ${count.toLocaleString('en-US')}`, 2)),
      shown('growth', 'million over thousand', 2),
    ],
    procedures: { surety: matchTime(kind) },
  })),
  {
    name: 'memory-1m',
    title:
      'a million subscriptions, a third of each kind: what each takes, with its node, its filter and its own object',
    load: {},
    figures: [shown('bytes_each', 'bytes each', 0)],
    procedures: { surety: trieMemory('mixed', SUBSCRIPTIONS) },
  },
];

/** The subscription trie by itself: time and memory by the number of subscriptions. */
export const matchingSuite: Suite = {
  name: 'matching',
  title: 'the subscription trie, without a broker around it; four levels, each filter another one',
  subject: 'surety',
  peers: ['surety'],
  scenarios,
  minimums: goals.matching,
  isPinned: true,
  rounds: 2,
  measureSeconds: 1,
};
