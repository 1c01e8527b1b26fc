import type { ConfigFault, FaultPlace } from './config-fault.js';
import { readEnvironment, type ConfigEnvironment } from './config-environment.js';
import { readConfigFile, type ConfigFile } from './config-file.js';
import { configKeys, type ConfigKeys } from './config-keys.js';
import { configSchema, type Config } from './config.js';
import { contradictions } from './contradictions.js';
import { schemaFaults, shownPath, type PlaceFinder } from './schema-faults.js';

/** Where to look: without a file, there are the defaults and the environment. */
export interface ConfigSources {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A whole configuration. */
export interface LoadedConfig {
  readonly config: Config;
  /** Where a setting was made, or what is nearest to it. */
  placeOf(path: readonly PropertyKey[]): FaultPlace;
}

/** A whole configuration, or everything that is wrong; told apart by `'faults' in result`. */
export type ConfigResult = LoadedConfig | { readonly faults: readonly ConfigFault[] };

/**
 * Reads the configuration: defaults, the file over them, the environment over both.
 * Nothing is corrected or left out; all faults are told at once. The result is frozen at every depth.
 */
export function loadConfig({ file, env }: ConfigSources): ConfigResult {
  const known = configKeys();
  const environment = readEnvironment(env, known.keys);
  const read = file === undefined ? undefined : readConfigFile(file);
  const inFile = read?.tree === undefined ? [] : faultsIn(read.tree, known, filePlaces(read));
  const inEnv = faultsIn(environment.tree, known, environmentPlaces(environment));
  const tree = merged(read?.tree ?? {}, environment.tree);
  const placeOf = (path: readonly PropertyKey[]): FaultPlace =>
    environmentPlaces(environment).placeOf(path) ??
    read?.placeOf(path) ?? { variable: 'the environment and the defaults together' };
  const together = contradictions(tree).map(({ path, problem, action }): ConfigFault => ({
    place: placeOf(path),
    problem: `${shownPath(path)}: ${problem}`,
    action,
  }));
  const faults = [...(read?.faults ?? []), ...inFile, ...together]
    .sort(byPlace)
    .concat(environment.faults, inEnv);
  if (faults.length > 0) return { faults };
  // Each source is sound by itself; together they can still say something else.
  const parsed = configSchema.safeParse(tree);
  if (parsed.success) return { config: deepFrozen(parsed.data), placeOf };
  return { faults: schemaFaults(parsed.error.issues, tree, known, { placeOf, placeOfKey: placeOf }) };
}

/** What holds where neither a file nor the environment says otherwise. */
export function defaultConfig(): Config {
  return deepFrozen(configSchema.parse({}));
}

function faultsIn(tree: unknown, known: ConfigKeys, places: PlaceFinder): ConfigFault[] {
  const parsed = configSchema.safeParse(tree);
  return parsed.success ? [] : schemaFaults(parsed.error.issues, tree, known, places);
}

/** An operator works through the file from its top. */
function byPlace({ place: left }: ConfigFault, { place: right }: ConfigFault): number {
  if (!('line' in left) || !('line' in right)) return 0;
  return left.line - right.line || left.column - right.column;
}

function filePlaces(read: ConfigFile): PlaceFinder {
  return { placeOf: (path) => read.placeOf(path), placeOfKey: (path) => read.placeOfKey(path) };
}

function environmentPlaces(environment: ConfigEnvironment): PlaceFinder {
  const placeOf = (path: readonly PropertyKey[]): FaultPlace | undefined => {
    const variable = environment.variableAt(path);
    return variable === undefined ? undefined : { variable };
  };
  return { placeOf, placeOfKey: placeOf };
}

/** Lays one tree over another, entry by entry in lists as well. Neither is changed. */
function merged(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) {
    const entries: readonly unknown[] = under.length > over.length ? under : over;
    return entries.map((_, index) => merged((under as unknown[])[index], (over as unknown[])[index]));
  }
  if (!isGroup(under) || !isGroup(over)) return over === undefined ? under : over;
  const names = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, merged(under[name], over[name])]));
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}
