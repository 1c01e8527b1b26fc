import type { Choice } from '../plan.js';
import type { Minimum, Suite } from '../scenario.js';
import { connectionsSuite } from '../suites/connections-suite.js';
import { durableSuite } from '../suites/durable-suite.js';
import { latencySuite } from '../suites/latency-suite.js';
import { matchingSuite } from '../suites/matching-suite.js';
import { soakSuite } from '../suites/soak-suite.js';
import { stallsSuite } from '../suites/stalls-suite.js';
import { throughputSuite } from '../suites/throughput-suite.js';

/** A part of the report, which can be measured by itself. */
export interface Part {
  readonly suite: Suite;
  readonly heading: string;
  /** Names of scenarios; all of the suite's when absent. */
  readonly only?: readonly string[];
}

/** The parts in the report's order. */
export const PARTS: readonly Part[] = [
  { suite: throughputSuite, heading: 'Throughput' },
  { suite: latencySuite, heading: 'Latency' },
  {
    suite: durableSuite,
    heading: 'Durable sessions',
    only: [
      ...['live-qos1', 'live-qos1-wide', 'live-qos2', 'offline-qos1', 'puback-5k'],
      ...['trail-live', 'trail-offline', 'audit-cost-qos0', 'audit-cost-qos1'],
    ],
  },
  { suite: connectionsSuite, heading: 'Connections' },
  { suite: matchingSuite, heading: 'Matching' },
  { suite: stallsSuite, heading: 'Much at once' },
  { suite: soakSuite, heading: 'Ten minutes' },
];

/** What a part measures. */
export function choiceOf({ suite, only }: Part, warmupSeconds: number): Choice {
  return { suite: suite.name, only, warmupSeconds };
}

/** What is asked of what the part measures. */
export function goalsOf({ suite, only }: Part): readonly Minimum[] {
  return suite.minimums.filter(({ scenario }) => only?.includes(scenario) ?? true);
}
