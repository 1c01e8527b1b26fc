import type { BrokerSettings } from '../scenario.js';

/** The default configuration, and what most add to it. */
const env = {
  SURETY_PERSISTENCE: 'postgres',
  SURETY_METRICS_ENABLED: 'true',
  SURETY_METRICS_PORT: '0',
};
const peer = 'surety-acl';
const settings: Readonly<Record<string, BrokerSettings>> = { [peer]: { env } };

/** Surety as most run it: the peer, with an ACL file of 100 rules, and what else it is started with. */
export const shipped = { peer, env, settings } as const;
