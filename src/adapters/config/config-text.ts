import type { Config } from './config.js';
import { keyPath, secretPaths } from './config-keys.js';
import { withoutQuery } from './config-settings.js';

/** A configuration as text, always the same for the same settings, and without secrets. */
export function configText(config: Config): string {
  return JSON.stringify(publicConfig(config));
}

/** A configuration without secrets, as it is just now; what is in it is sorted by name. */
export function publicConfig(config: Config): Readonly<Record<string, unknown>> {
  return publicPart(config, [], secretPaths()) as Readonly<Record<string, unknown>>;
}

function publicPart(value: unknown, path: readonly PropertyKey[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(keyPath(path))) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => publicPart(item, [...path, index], secrets));
  if (typeof value !== 'object' || value === null) return withoutQuery(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries
      .map(([name, child]) => [name, publicPart(child, [...path, name], secrets)] as const)
      .filter(([, child]) => child !== undefined),
  );
}
