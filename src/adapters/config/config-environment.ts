import { closestName } from './closest-name.js';
import type { ConfigFault } from './config-fault.js';
import type { ConfigKey } from './config-keys.js';

/** What the environment says, in the shape of the file; not held against the schema. */
export interface ConfigEnvironment {
  readonly tree: Readonly<Record<string, unknown>>;
  readonly faults: readonly ConfigFault[];
  /** The variable that set the value at a path, if one did. */
  variableAt(path: readonly PropertyKey[]): string | undefined;
}

const PREFIX = 'SURETY_';
/** Where the file is: for the command line, which finds it before there is a configuration. */
const FILE_VARIABLE = 'SURETY_CONFIG';

/** Gathers the `SURETY_*` variables. Others are not looked at; an unknown one of ours is a fault. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  keys: readonly ConfigKey[],
): ConfigEnvironment {
  const byVariable = new Map(
    keys.flatMap((key) => (key.variable === undefined ? [] : [[key.variable, key] as const])),
  );
  const tree: Record<string, unknown> = {};
  const faults: ConfigFault[] = [];
  const variables = new Map<string, string>();
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(PREFIX) || variable === FILE_VARIABLE) continue;
    const key = byVariable.get(variable);
    if (key === undefined) {
      faults.push(unknownVariable(variable, [...byVariable.keys()]));
    } else {
      const path = pathOf(key);
      put(tree, path, valueOf(text, key));
      variables.set(path.join('.'), variable);
    }
  }
  return { tree, faults, variableAt: (path) => variables.get(path.map(String).join('.')) };
}

function unknownVariable(variable: string, known: readonly string[]): ConfigFault {
  return { place: { variable }, problem: 'no such variable', action: hintFor(variable, known) };
}

function hintFor(variable: string, known: readonly string[]): string {
  if (/_(SERVICE|PORT)_|_SERVICE$/.test(variable.replace('SURETY', ''))) {
    return 'Kubernetes sets such a variable for a service of this name: set enableServiceLinks to false in the pod';
  }
  // The prefix is the same in all of them, so it must not make strangers look alike.
  const guess = closestName(
    variable.slice(PREFIX.length),
    known.map((name) => name.slice(PREFIX.length)),
  );
  return guess === undefined ? 'remove it' : `did you mean ${PREFIX}${guess}?`;
}

/** `listeners[].port` is `listeners.0.port` here: a variable speaks of the first entry. */
function pathOf(key: ConfigKey): (string | number)[] {
  return key.path.split('.').flatMap((name) => (name.endsWith('[]') ? [name.slice(0, -2), 0] : [name]));
}

/** Text that doesn't read as the key's type stays text, and the schema finds fault with it. */
function valueOf(text: string, key: ConfigKey): string | number | boolean | string[] {
  if (key.type === 'list')
    return text.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]));
  if (key.type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (key.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function put(tree: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  let branch = tree;
  path.forEach((part, index) => {
    if (index === path.length - 1) branch[part] = value;
    else branch = (branch[part] ??= typeof path[index + 1] === 'number' ? [] : {}) as Record<string, unknown>;
  });
}
