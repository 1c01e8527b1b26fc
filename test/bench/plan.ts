import { allPeers } from './peers/all-peers.js';
import type { Peer } from './peers/peer.js';
import type { PeerVersions } from './report.js';
import type { Suite } from './scenario.js';
import { accessSuite } from './suites/access-suite.js';
import { connectionsSuite } from './suites/connections-suite.js';
import { durableSuite } from './suites/durable-suite.js';
import { latencySuite } from './suites/latency-suite.js';
import { matchingSuite } from './suites/matching-suite.js';
import { memorySuite } from './suites/memory-suite.js';
import { scrapeSuite } from './suites/scrape-suite.js';
import { soakSuite } from './suites/soak-suite.js';
import { stallsSuite } from './suites/stalls-suite.js';
import { throughputSuite } from './suites/throughput-suite.js';

/** Every suite, the one that runs by itself first. */
export const SUITES: readonly Suite[] = [
  ...[memorySuite, accessSuite, durableSuite],
  ...[throughputSuite, latencySuite, connectionsSuite, matchingSuite, stallsSuite, scrapeSuite, soakSuite],
];

/** What is to be run, without the brokers that can't be. */
export interface Plan {
  readonly suite: Suite;
  readonly scenarios: Suite['scenarios'];
  readonly peers: readonly Peer[];
  readonly versions: PeerVersions;
  readonly rounds: number;
  readonly measureSeconds: number;
  readonly warmupSeconds: number;
}

/** A choice out of a suite; what is undefined is as the suite says. */
export interface Choice {
  readonly suite: string;
  readonly only?: readonly string[] | undefined;
  readonly brokers?: readonly string[] | undefined;
  readonly rounds?: number | undefined;
  readonly measureSeconds?: number | undefined;
  readonly warmupSeconds: number;
}

/** @throws Error that names an unknown suite, scenario or broker. */
export function planOf(choice: Choice, rootDirectory: string): Plan {
  const suite = SUITES.find((one) => one.name === choice.suite);
  if (suite === undefined) throw new Error(`unknown suite ${choice.suite}`);
  const only = choice.only ?? suite.scenarios.map((one) => one.name);
  const scenarios = only.map((name) => {
    const found = suite.scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Error(`unknown scenario ${name}`);
    // A number of rounds that was asked for holds for scenarios with one of their own as well.
    return choice.rounds === undefined ? found : { ...found, rounds: choice.rounds };
  });
  const { peers, versions } = presentPeers(choice.brokers ?? suite.peers, rootDirectory);
  const { rounds = suite.rounds, measureSeconds = suite.measureSeconds, warmupSeconds } = choice;
  return { suite, scenarios, peers, versions, rounds, measureSeconds, warmupSeconds };
}

function presentPeers(names: readonly string[], rootDirectory: string): Pick<Plan, 'peers' | 'versions'> {
  const known = allPeers(rootDirectory);
  const present: Record<string, string> = {};
  const absent: Record<string, string> = {};
  const peers = names.map((name) => {
    const peer = known.get(name);
    if (peer === undefined) throw new Error(`unknown broker ${name}`);
    return peer;
  });
  for (const peer of peers) {
    try {
      present[peer.name] = peer.version();
    } catch (error) {
      absent[peer.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { peers: peers.filter((peer) => peer.name in present), versions: { present, absent } };
}
