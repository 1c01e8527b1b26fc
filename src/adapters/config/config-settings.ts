import { secretPaths } from './config-keys.js';
import type { Config } from './config.js';

/** The value of one key. */
export type Setting = string | number | boolean;

/** Every key that has a value, such as `listeners[0].port`, in the order of the file; secrets as well. */
export function settingsOf(config: Config): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  collect(config, '', settings);
  return settings;
}

/** The keys that have other values, or are in only one of the two. Sorted. */
export function changedKeys(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key) !== after.get(key)).sort();
}

/** What a configuration says that the defaults don't, without secrets. */
export function ownSettings(config: Config, defaults: Config): ReadonlyMap<string, Setting> {
  const secrets = secretPaths();
  const usual = settingsOf(defaults);
  const isOwn = ([key, value]: readonly [string, Setting]) =>
    usual.get(key) !== value && !secrets.has(withoutIndexes(key));
  const own = [...settingsOf(config)].filter(isOwn);
  return new Map(own.map(([key, value]) => [key, withoutQuery(value)] as const));
}

/** A text that is a URL, without its query: a key to a service may stand in that. */
export function withoutQuery<T>(value: T): T | string {
  return typeof value === 'string'
    ? value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^\s?]*\?)\S*$/i, '$1...')
    : value;
}

/** Whether a key, such as `listeners[0].tls.keyFile`, is one of those, or in a group of them, such as `listeners[].tls`. */
export function isAmong(key: string, keysOrGroups: readonly string[]): boolean {
  const path = withoutIndexes(key);
  return keysOrGroups.some(
    (group) => path === group || (/^[.[]/.test(path.slice(group.length)) && path.startsWith(group)),
  );
}

/** The form of `ConfigKey.path`. */
function withoutIndexes(key: string): string {
  return key.replace(/\[\d+\]/g, '[]');
}

function collect(value: unknown, path: string, settings: Map<string, Setting>): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    settings.set(path, value);
  } else if (Array.isArray(value)) {
    value.forEach((entry, index) => collect(entry, `${path}[${index}]`, settings));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value))
      collect(child, path === '' ? name : `${path}.${name}`, settings);
  }
}
