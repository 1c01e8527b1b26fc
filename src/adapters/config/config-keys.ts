import { z } from 'zod';
import { configSchema } from './config.js';

/** One scalar key of the configuration, as the reference, the environment and the fault texts need it. */
export interface ConfigKey {
  /** Where the key stands in the file; `listeners[].port` for a key of each entry of a list. */
  readonly path: string;
  readonly doc: string;
  /** A list is one of texts. */
  readonly type: 'integer' | 'boolean' | 'string' | 'list';
  /** The only values allowed, where there is such a list. */
  readonly choices: readonly string[] | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** Of a list, as its variable takes it. */
  readonly fallback: string | number | boolean | undefined;
  /** Whether its value must never be shown. */
  readonly isSecret: boolean;
  /** The environment variable that goes over the file. Of a list, it sets the first entry; undefined where none can. */
  readonly variable: string | undefined;
  /** The `type` of the entries of a list that have the key, where there are several sorts of them. */
  readonly variant: string | undefined;
}

/** A group of keys (or a list of such groups), with the names that may stand in it. */
export interface ConfigGroup {
  /** Empty for the top of the file. */
  readonly path: string;
  readonly doc: string;
  readonly names: readonly string[];
  readonly variant: string | undefined;
}

/** All that the schema says of its keys, in the order of the schema. */
export interface ConfigKeys {
  readonly keys: readonly ConfigKey[];
  readonly groups: readonly ConfigGroup[];
}

/** What `z.toJSONSchema` returns, as far as this schema uses it. */
interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  /** The sorts of entries that a list may have; `type` tells them apart. */
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly secret?: boolean;
}

/** Made at the first call: a start asks several times, and each walk through the schema takes milliseconds. */
let known: ConfigKeys | undefined;

/** Reads the keys out of the schema, so that no second list of them has to be kept. */
export function configKeys(): ConfigKeys {
  known ??= readKeys();
  return known;
}

/** The paths of the keys whose values must never be shown, in the form of `ConfigKey.path`. */
export function secretPaths(): ReadonlySet<string> {
  return new Set(configKeys().keys.flatMap(({ path, isSecret }) => (isSecret ? path : [])));
}

function readKeys(): ConfigKeys {
  const found = { keys: [] as ConfigKey[], groups: [] as ConfigGroup[] };
  collect(z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode, '', '', found);
  return found;
}

/** The path of a key in the form of `ConfigKey.path`, whatever entry of a list it stands in. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[]` : joined(text, String(part))),
    '',
  );
}

function collect(
  node: SchemaNode,
  path: string,
  doc: string,
  found: { keys: ConfigKey[]; groups: ConfigGroup[] },
  variant?: string,
): void {
  if (node.items?.oneOf !== undefined) {
    const sorts = node.items.oneOf;
    const types = sorts.map(({ properties }) => properties?.['type']?.const ?? '');
    sorts.forEach((sort, index) => {
      const type = { type: 'string', enum: types, description: 'The sort of the entry.' };
      const properties = { ...sort.properties, type };
      collect({ ...sort, properties }, `${path}[]`, doc, found, types[index]);
    });
  } else if (node.items?.properties !== undefined) {
    collect(node.items, `${path}[]`, node.description ?? '', found);
  } else if (node.properties === undefined) {
    found.keys.push({ ...keyFrom(node, path), variant });
  } else {
    const names = Object.keys(node.properties);
    found.groups.push({ path, doc: node.description ?? doc, names, variant });
    for (const [name, child] of Object.entries(node.properties))
      collect(child, joined(path, name), '', found, variant);
  }
}

function keyFrom(node: SchemaNode, path: string): Omit<ConfigKey, 'variant'> {
  const bounded = (bound: number | undefined) =>
    bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;
  return {
    path,
    doc: node.description ?? '',
    type: node.items === undefined ? (node.type as ConfigKey['type']) : 'list',
    choices: node.enum ?? node.items?.enum,
    minimum: bounded(node.minimum),
    maximum: bounded(node.maximum),
    fallback: fallbackOf(node),
    isSecret: node.secret === true,
    variable: variableFor(path),
  };
}

/** A list that is empty is no default that is worth a word. */
function fallbackOf({ default: fallback }: SchemaNode): ConfigKey['fallback'] {
  if (!Array.isArray(fallback)) return fallback as ConfigKey['fallback'];
  return fallback.length === 0 ? undefined : fallback.join(',');
}

/** The keys of the first listener have the short names that a container's user expects: SURETY_PORT. */
function variableFor(path: string): string | undefined {
  const own = path.replace(/^listeners\[\]\.limits\./, 'listener.limits.').replace(/^listeners\[\]\./, '');
  if (own.includes('[]')) return undefined;
  const words = own.replace(/([a-z])([A-Z])/g, '$1_$2');
  return `SURETY_${words.replaceAll('.', '_').toUpperCase()}`;
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
