import type { z } from 'zod';
import { closestName } from './closest-name.js';
import type { ConfigFault, FaultPlace } from './config-fault.js';
import { keyPath, type ConfigKey, type ConfigKeys } from './config-keys.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Tells where the value at a path, or the name of the key there, came from; undefined leaves the fault out. */
export interface PlaceFinder {
  placeOf(path: Path): FaultPlace | undefined;
  placeOfKey(path: Path): FaultPlace | undefined;
}

/** Puts the schema's complaints about `tree` into the operator's words: one fault a key, in the order of the schema. */
export function schemaFaults(
  issues: readonly Issue[],
  tree: unknown,
  known: ConfigKeys,
  places: PlaceFinder,
): ConfigFault[] {
  const seen = new Set<string>();
  return issues.flatMap((issue) => {
    const id = `${issue.path.map(String).join('.')} ${issue.code === 'unrecognized_keys' ? 'names' : ''}`;
    if (seen.has(id)) return [];
    seen.add(id);
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.path, issue.keys, known, places);
    const place = places.placeOf(issue.path);
    return place === undefined ? [] : [{ place, ...complaint(issue, valueAt(tree, issue.path), known) }];
  });
}

/** What a key takes, in words: `a whole number from 0 to 65535`. */
export function expectation(key: ConfigKey): string {
  if (key.choices !== undefined) return `one of ${key.choices.join(', ')}`;
  if (key.type === 'boolean') return 'true or false';
  if (key.type === 'string') return 'text';
  if (key.type === 'list') return 'a list of texts';
  if (key.minimum !== undefined && key.maximum !== undefined) {
    return `a whole number from ${key.minimum} to ${key.maximum}`;
  }
  return key.minimum === undefined ? 'a whole number' : `a whole number of ${key.minimum} or more`;
}

function unknownKeys(
  path: Path,
  names: readonly string[],
  known: ConfigKeys,
  places: PlaceFinder,
): ConfigFault[] {
  return names.flatMap((name) => {
    const place = places.placeOfKey([...path, name]);
    if (place === undefined) return [];
    const problem = `${shownPath([...path, name])}: no such key`;
    return [{ place, problem, action: unknownKeyHint(keyPath(path), name, known) }];
  });
}

/** A key of the same group is the likeliest; then one of that very name in another group, the least nested first. */
function unknownKeyHint(group: string, name: string, { keys, groups }: ConfigKeys): string {
  const near = closestName(
    name,
    groups.flatMap(({ path, names }) => (path === group ? names : [])),
  );
  if (near !== undefined) return `did you mean ${near}?`;
  const [elsewhere] = keys
    .filter(({ path }) => path.split('.').at(-1) === name)
    .sort((a, b) => a.path.length - b.path.length);
  return elsewhere === undefined ? 'remove it' : `did you mean ${elsewhere.path}?`;
}

function complaint(issue: Issue, value: unknown, known: ConfigKeys): Pick<ConfigFault, 'problem' | 'action'> {
  const where = shownPath(issue.path);
  const entryPath = keyPath(issue.path);
  const key = known.keys.find(
    ({ path, type }) => path === entryPath || (type === 'list' && `${path}[]` === entryPath),
  );
  if (value === undefined && key !== undefined)
    return { problem: `${where}: is missing, and must be ${expectation(key)}`, action: 'add it' };
  if (key === undefined) return groupComplaint(issue, where, value);
  if (issue.code === 'invalid_format' || issue.code === 'custom') {
    return { problem: `${where}: ${issue.message}`, action: actionFor(key) };
  }
  const got = value === null || key.isSecret ? '' : `, not ${shown(value)}`;
  const problem = `${where}: ${value === null ? 'has no value, and ' : ''}must be ${expectation(key)}${got}`;
  return { problem, action: actionFor(key) };
}

function groupComplaint(
  issue: Issue,
  where: string,
  value: unknown,
): Pick<ConfigFault, 'problem' | 'action'> {
  if (issue.code === 'too_small') {
    return { problem: `${where}: the list is empty`, action: 'add an entry, or remove the key' };
  }
  const isList = issue.code === 'invalid_type' && issue.expected === 'array';
  const subject = where === '' ? 'the file' : `${where}:`;
  const problem = `${subject} must hold ${isList ? 'a list' : 'keys with values'}, not ${shown(value)}`;
  return {
    problem,
    action: where === '' ? 'write `key: value` lines' : 'indent its content, or remove the key',
  };
}

function actionFor(key: ConfigKey): string {
  if (key.fallback === undefined) return 'correct it, or leave it out';
  return `correct it, or leave it out for ${String(key.fallback)}`;
}

/** Short, and on one line, whatever stands in the file. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (value === '') return 'empty text';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `listeners[0].port`, as an operator counts a list in most tools. */
export function shownPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((branch, part) => {
    return typeof branch === 'object' && branch !== null ? Reflect.get(branch, part) : undefined;
  }, tree);
}
