import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTask } from '../durable/database-task.js';
import type { BrokerSettings } from '../scenario.js';
import type { Peer } from './peer.js';
import { suretyPeer } from './surety-peer.js';

const ROLES = 1000;
const RULES = 10_000;
const ACL_RULES = 100;

/** Surety with roles in its database: everyone has all of them. */
export function suretyWithRoles(rootDirectory: string): Peer {
  const surety = suretyPeer(rootDirectory);
  return {
    name: 'surety-roles',
    version: () => surety.version(),
    start: async (context, settings) => {
      const first = await surety.start(context, settings);
      await first.stop();
      await databaseTask({ ...context, rootDirectory }, 'fill-roles', ROLES, RULES);
      return surety.start(context, withEnv(settings, { SURETY_ACCESS_ROLES: 'true' }));
    },
  };
}

/** Surety with an ACL file of a usual length. */
export function suretyWithAcl(rootDirectory: string): Peer {
  const surety = suretyPeer(rootDirectory);
  return {
    name: 'surety-acl',
    version: () => surety.version(),
    start: (context, settings) => {
      const file = join(context.directory, 'rules.acl');
      const others = Array.from({ length: ACL_RULES - 2 }, (_, i) => `pattern write site/${i}/%c/#`);
      writeFileSync(file, ['topic readwrite load/#', 'pattern deny load/+/hidden', ...others, ''].join('\n'));
      return surety.start(context, withEnv(settings, { SURETY_ACCESS_ACL_FILE: file }));
    },
  };
}

function withEnv(settings: BrokerSettings, env: Readonly<Record<string, string>>): BrokerSettings {
  return { ...settings, env: { ...settings.env, ...env } };
}
