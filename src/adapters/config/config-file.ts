import { readFileSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Pair,
  type YAMLError,
} from 'yaml';
import type { ConfigFault, FaultPlace } from './config-fault.js';

/** A configuration file as it was read; what it says has not been held against the schema. */
export interface ConfigFile {
  /** The plain values of the file; undefined when it can't be read as YAML. */
  readonly tree: unknown;
  readonly faults: readonly ConfigFault[];
  /** The place of the value at a path, or of the nearest thing around it that exists. */
  placeOf(path: readonly PropertyKey[]): FaultPlace;
  /** The place of the name of a key, for keys that should not be there. */
  placeOfKey(path: readonly PropertyKey[]): FaultPlace;
}

/** Reads a YAML file. Whatever is wrong with it comes back as a fault, never as an exception. */
export function readConfigFile(file: string): ConfigFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return parseConfigFile(text, file);
  } catch (error) {
    return unreadable({ place: { file }, ...readingFault(error) });
  }
}

/** The value of a key at the top of a file that may be faulty anywhere else; undefined when it can't be read. */
export function readTopLevel(file: string, key: string): unknown {
  try {
    const { contents } = parseDocument(readFileSync(file, 'utf8'), { logLevel: 'silent' });
    return isMap(contents) ? contents.get(key) : undefined;
  } catch {
    return undefined;
  }
}

/** Parses the text of a YAML file; `file` is only the name to use in faults. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const lineCounter = new LineCounter();
  // The level `silent` would hide that the file holds a second document.
  const doc = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): FaultPlace => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...doc.errors, ...doc.warnings];
  const lostAliases = aliasesWithoutAnchor(doc);
  const faults = [
    ...errors.map((error) => yamlFault(error, at(error.pos[0]))),
    ...lostAliases.map((alias) => aliasFault(alias, at(startOf(alias) ?? 0))),
  ];
  // A repeated key leaves the rest readable, so the rest of the faults can be told with it.
  const isReadable = lostAliases.length === 0 && errors.every(({ code }) => code === 'DUPLICATE_KEY');
  if (!isReadable) return { ...unreadable(), faults };
  try {
    return {
      tree: doc.contents === null ? {} : doc.toJS({ maxAliasCount: 100 }),
      faults,
      placeOf: (path) => at(offsetOf(doc, path, 'value')),
      placeOfKey: (path) => at(offsetOf(doc, path, 'key')),
    };
  } catch {
    // What is left to go wrong is the expansion of aliases, which the parser bounds.
    const problem = 'the aliases in the file unfold into too much';
    return unreadable({ place: { file }, problem, action: 'write the values out in full' });
  }
}

function aliasesWithoutAnchor(doc: Document): Alias[] {
  const lost: Alias[] = [];
  visit(doc, {
    Alias(_key, alias) {
      if (alias.resolve(doc) === undefined) lost.push(alias);
    },
  });
  return lost;
}

function aliasFault(alias: Alias, place: FaultPlace): ConfigFault {
  const problem = `not valid YAML: the alias *${alias.source} has no anchor before it`;
  return { place, problem, action: 'put text that starts with * in quotes, or write the value out' };
}

function unreadable(fault?: ConfigFault): ConfigFile {
  const place = { file: '' };
  return {
    tree: undefined,
    faults: fault === undefined ? [] : [fault],
    placeOf: () => place,
    placeOfKey: () => place,
  };
}

function readingFault(error: unknown): Omit<ConfigFault, 'place'> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') {
    return { problem: 'the configuration file does not exist', action: 'create it, or correct --config' };
  }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return { problem: 'the configuration file is not UTF-8 text', action: 'save it as UTF-8' };
  }
  return {
    problem: `the configuration file can't be read (${code === '' ? String(error) : code})`,
    action: 'check that it is a file, and that this user may read it',
  };
}

function yamlFault(error: YAMLError, place: FaultPlace): ConfigFault {
  const actions: Partial<Record<YAMLError['code'], string>> = {
    DUPLICATE_KEY: 'keep one of the two',
    TAB_AS_INDENT: 'indent with spaces',
    MULTIPLE_DOCS: 'keep one document in the file',
    TAG_RESOLVE_FAILED: 'remove the tag',
  };
  const action = actions[error.code] ?? 'correct the YAML at this place';
  // Some messages end in a piece of the file, which may be a password, or in advice for programmers.
  const message = error.message.replace(/: ".*"$|; please use .*$/s, '');
  return { place, problem: `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, action };
}

/** Follows the path as far as the file has it; the offset of the last thing found. */
function offsetOf(doc: Document, path: readonly PropertyKey[], wanted: 'key' | 'value'): number {
  let node: unknown = doc.contents;
  let offset = startOf(node) ?? 0;
  path.forEach((part, index) => {
    const target = isAlias(node) ? node.resolve(doc) : node;
    if (isMap(target)) {
      const pair = target.items.find(({ key }) => nameOf(key) === String(part));
      node = pair?.value;
      const isLast = index === path.length - 1;
      if (pair !== undefined) offset = (isLast && wanted === 'key' ? keyStart : valueStart)(pair) ?? offset;
    } else {
      node = isSeq(target) && typeof part === 'number' ? target.items[part] : undefined;
      offset = startOf(node) ?? offset;
    }
  });
  return offset;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function keyStart(pair: Pair): number | undefined {
  return startOf(pair.key);
}

/** A key with nothing after it has a value of no length, somewhere behind it: its name is the better place. */
function valueStart(pair: Pair): number | undefined {
  const range = isScalar(pair.value) ? pair.value.range : undefined;
  const isEmpty = pair.value === null || (range?.[0] !== undefined && range[0] === range[1]);
  return isEmpty ? keyStart(pair) : startOf(pair.value);
}

function startOf(node: unknown): number | undefined {
  const isNode = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node);
  return isNode ? node.range?.[0] : undefined;
}
