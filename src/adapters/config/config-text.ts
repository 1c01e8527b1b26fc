import type { Config } from './config.js';
import { configKeys, keyPath } from './config-keys.js';

/** A configuration as text, always the same for the same settings, and without secrets. */
export function configText(config: Config): string {
  const secrets = new Set(configKeys().keys.flatMap(({ path, isSecret }) => (isSecret ? path : [])));
  return JSON.stringify(publicPart(config, [], secrets));
}

function publicPart(value: unknown, path: readonly PropertyKey[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(keyPath(path))) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => publicPart(item, [...path, index], secrets));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, child]) => [name, publicPart(child, [...path, name], secrets)]),
  );
}
