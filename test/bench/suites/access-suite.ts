import { goals } from '../goals.js';
import type { BrokerSettings, Scenario, Suite } from '../scenario.js';
import { throughput } from './figures.js';

const PEERS = ['surety', 'surety-roles', 'surety-acl'];
/** Roles need the database; nothing that the load does touches it. */
const stored: BrokerSettings = { env: { SURETY_PERSISTENCE: 'postgres' } };
const settings = Object.fromEntries(PEERS.map((peer) => [peer, stored]));
const load = { layout: 'pair', pubs: 20, qos: 0, size: 100, window: 500 };

const scenarios: readonly Scenario[] = [
  {
    name: 'access-rules',
    title:
      'QoS 0, 20 pairs; surety-roles: 10,000 rules in 1,000 roles, all held by everyone; surety-acl: 100 rules',
    load,
    figures: throughput,
    settings,
  },
  {
    name: 'access-rules-wild',
    title:
      'the same, each publisher rotating over 50 topics, subscribers on wildcards that rules deny a part of, so that ' +
      'each delivery is asked about (for information)',
    load: { ...load, topics: 50 },
    figures: throughput,
    settings,
  },
];

/** What access rules cost: Surety with rules beside itself without any. */
export const accessSuite: Suite = {
  name: 'access',
  title: 'access rules, clean sessions, 100-byte payloads, 500 messages in flight a publisher',
  subject: 'surety-roles',
  peers: PEERS,
  scenarios,
  minimums: goals.access,
  isPinned: true,
  rounds: 3,
  measureSeconds: 5,
};
