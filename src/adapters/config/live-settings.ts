import { isAmong } from './config-settings.js';
import type { Config } from './config.js';

/** Settings, and groups of them, that are put in force while the broker runs. */
export const LIVE_SETTINGS: readonly string[] = [
  'limits',
  'listeners',
  'session',
  'access',
  'authentication',
  'audit.checkpoints.everyRecords',
  'audit.checkpoints.everySeconds',
  'audit.syslog',
  'audit.retentionDays',
  'audit.messages',
  'audit.refusals',
  'log',
  'health.canary',
  'admin',
  'metrics',
  'sysTopics',
  'shutdown',
];

type Tree = Record<string, unknown>;

/** A configuration whose live settings can be set anew while everybody holds on to its groups. */
export function liveConfig(config: Config): Config {
  return structuredClone(config);
}

/**
 * Brings the live settings of a configuration to what another says, in place; all others stay.
 * @param live Made by {@link liveConfig}.
 */
export function putInForce(live: Config, next: Config): void {
  put(live, next, '');
}

function put(live: Tree, next: Tree, path: string): void {
  for (const name of namesOf(live, next)) {
    const own = path === '' ? name : `${path}.${name}`;
    const [held, value] = [live[name], next[name]];
    if (isAmong(own, LIVE_SETTINGS)) set(live, name, value);
    else if (isTree(held) && isTree(value)) put(held, value, own);
  }
}

/** A group stays the same object: others hold it. A list is another one. */
function set(live: Tree, name: string, value: unknown): void {
  const held = live[name];
  if (value === undefined) Reflect.deleteProperty(live, name);
  else if (isTree(held) && isTree(value) && !Array.isArray(held))
    for (const key of namesOf(held, value)) set(held, key, value[key]);
  else live[name] = value;
}

function namesOf(one: Tree, other: Tree): ReadonlySet<string> {
  return new Set([...Object.keys(one), ...Object.keys(other)]);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}
