import { hasPlaceholder, type PlaceholderNames } from './placeholder-names.js';

/** One level of the filters; a level's text leads to the next, and `+` and `#` are texts like any other. */
interface Node<V> {
  readonly children: Map<string, Node<V>>;
  /** Children whose text has `%c` or `%u` in it: they are many things to many clients. */
  readonly templates: Map<string, Node<V>>;
  readonly values: V[];
}

/** What is looked for, and for whom. */
interface Search {
  readonly levels: readonly string[];
  readonly names: PlaceholderNames;
}

/**
 * Values by topic filter, to find those whose filter covers another one or overlaps it. The cost grows with what
 * is looked for and with the wildcards on its way, not with the number of filters. One trie serves all clients:
 * their names are put in while it is walked.
 */
export class RuleTrie<V> {
  private readonly root: Node<V> = newNode();

  /** @param hasNames Whether `%c` and `%u` stand for names in the filters. */
  constructor(private readonly hasNames: boolean) {}

  /** @param filter One that `filterFault` finds nothing wrong with. */
  add(filter: string, value: V): void {
    let node = this.root;
    for (const level of levelsOf(filter)) {
      const children = this.hasNames && hasPlaceholder(level) ? node.templates : node.children;
      let child = children.get(level);
      if (child === undefined) {
        child = newNode();
        children.set(level, child);
      }
      node = child;
    }
    node.values.push(value);
  }

  /** The values whose filters match all that this filter does. A topic name is a filter, too: it matches itself. */
  covering(filter: string, names: PlaceholderNames): Generator<V> {
    return covering(this.root, { levels: levelsOf(filter), names }, 0);
  }

  /** The values whose filters have a topic in common with this one. */
  overlapping(filter: string, names: PlaceholderNames): Generator<V> {
    return overlapping(this.root, { levels: levelsOf(filter), names }, 0);
  }
}

function newNode<V>(): Node<V> {
  return { children: new Map(), templates: new Map(), values: [] };
}

/** The filter that was split last: one decision asks several tries, one after the other. */
let lastFilter = '';
let lastLevels: readonly string[] = [''];

/** Every topic has a first level, so that the filters `+/#` and `#` are the same. */
function levelsOf(filter: string): readonly string[] {
  if (filter === lastFilter) return lastLevels;
  lastLevels = filter === '+/#' ? ['#'] : filter.split('/');
  lastFilter = filter;
  return lastLevels;
}

function* covering<V>(node: Node<V>, search: Search, depth: number): Generator<V> {
  const level = search.levels[depth];
  const { children } = node;
  if (level === undefined) {
    yield* node.values;
    yield* restOf(node); // `a/#` matches `a` itself, too.
    return;
  }
  const isInReach = depth > 0 || !level.startsWith('$'); // [MQTT-4.7.2-1]
  if (isInReach) yield* restOf(node);
  if (level === '#') return;
  const any = children.get('+');
  if (isInReach && any !== undefined) yield* covering(any, search, depth + 1);
  if (level !== '+')
    for (const child of named(node, level, search, depth)) yield* covering(child, search, depth + 1);
}

function* overlapping<V>(node: Node<V>, search: Search, depth: number): Generator<V> {
  const level = search.levels[depth];
  if (level === undefined) {
    yield* node.values;
    yield* restOf(node);
  } else if (level === '#') {
    yield* node.values;
    for (const child of inReachOfWildcard(node, search.names, depth === 0)) yield* below(child, search.names);
  } else {
    const isInReach = depth > 0 || !level.startsWith('$');
    if (isInReach) yield* restOf(node);
    const any = node.children.get('+');
    if (level === '+') {
      for (const child of inReachOfWildcard(node, search.names, depth === 0)) {
        if (child !== node.children.get('#')) yield* overlapping(child, search, depth + 1);
      }
    } else {
      if (isInReach && any !== undefined) yield* overlapping(any, search, depth + 1);
      for (const child of named(node, level, search, depth)) yield* overlapping(child, search, depth + 1);
    }
  }
}

/** The values of the filter that ends with `#` here. */
function restOf<V>(node: Node<V>): readonly V[] {
  return node.children.get('#')?.values ?? [];
}

/** The children that a level's text leads to. */
function* named<V>(node: Node<V>, level: string, { names }: Search, depth: number): Generator<Node<V>> {
  const child = node.children.get(level);
  if (child !== undefined) yield child;
  for (const [template, other] of node.templates) {
    if (names.fill(template, depth === 0) === level) yield other;
  }
}

/** All values from a node on. */
function* below<V>(node: Node<V>, names: PlaceholderNames): Generator<V> {
  yield* node.values;
  for (const child of inReachOfWildcard(node, names, false)) yield* below(child, names);
}

/** The children that `+` and `#` go on to: all, but at the first level those that begin with `$` [MQTT-4.7.2-1]. */
function* inReachOfWildcard<V>(node: Node<V>, names: PlaceholderNames, isFirst: boolean): Generator<Node<V>> {
  for (const [level, child] of node.children) {
    if (!isFirst || !level.startsWith('$')) yield child;
  }
  for (const [template, child] of node.templates) {
    const level = names.fill(template, isFirst);
    if (level !== undefined && (!isFirst || !level.startsWith('$'))) yield child;
  }
}
