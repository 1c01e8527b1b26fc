import { NumberedList } from '../numbered-list.js';
import type { TopicFilter } from '../topic/topic-filter.js';
import type { TopicName } from '../topic/topic-name.js';
import type { RetainedMessage } from './retained-message.js';

interface Node {
  children: Map<string, Node> | undefined;
  retained: RetainedMessage | undefined;
  /** Counts topics as they come to retain a message: their order for whoever lists them. */
  number: number;
}

/** A retained message, and its topic's place in the order of listing. */
export interface ListedRetained {
  readonly retained: RetainedMessage;
  readonly number: number;
}

/** A node that a filter has reached, and how many of its levels it took. */
interface Visit {
  readonly node: Node;
  readonly depth: number;
}

/** Nodes that one step looks at in vain. */
const VISITS_PER_STEP = 500;

/** The retained messages by topic, one a topic, to find those that a new filter matches. */
export class RetainedTree {
  private readonly root: Node = newNode();
  private readonly listed = new NumberedList<Node>(({ number }) => number);
  private lastNumber = 0;
  private count = 0;
  private totalBytes = 0;

  get size(): number {
    return this.count;
  }

  /** What the retained messages count for in the limit, in bytes of topic and payload. */
  get bytes(): number {
    return this.totalBytes;
  }

  get(topic: TopicName): RetainedMessage | undefined {
    let node: Node | undefined = this.root;
    for (const level of topic.split('/')) node = node?.children?.get(level);
    return node?.retained;
  }

  /** Keeps a message for its topic, in place of the one before. */
  set(retained: RetainedMessage): void {
    let node = this.root;
    for (const level of retained.message.topic.split('/')) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    if (!this.uncount(node)) this.list(node);
    node.retained = retained;
    this.count++;
    this.totalBytes += retained.message.queueBytes;
  }

  /** Erases a topic's message. @returns whether there was one. */
  clear(topic: TopicName): boolean {
    const levels = topic.split('/');
    const path = [this.root];
    for (const level of levels) {
      const child = path.at(-1)?.children?.get(level);
      if (child === undefined) return false;
      path.push(child);
    }
    const last = path.at(-1) ?? this.root;
    const cleared = this.uncount(last);
    if (cleared) this.listed.remove(last.number);
    for (let depth = levels.length; depth > 0; depth--) {
      const [parent, node, level] = [path[depth - 1], path[depth], levels[depth - 1]];
      if (node?.retained !== undefined || node?.children !== undefined || level === undefined) break;
      parent?.children?.delete(level);
      if (parent?.children?.size === 0) parent.children = undefined;
    }
    return cleared;
  }

  /**
   * The messages that a filter matches, found as they are asked for: messages may be set and
   * cleared between two steps, and each is given as it then is. A step that has looked at many nodes
   * and found nothing gives undefined, so that the caller can let others go first.
   */
  *match(filter: TopicFilter): Generator<RetainedMessage | undefined, void, undefined> {
    const levels = filter.split('/');
    const path: Iterator<Visit>[] = [[{ node: this.root, depth: 0 }].values()];
    for (let visited = 1; path.length > 0; visited++) {
      const step = path.at(-1)?.next();
      if (step === undefined || step.done === true) {
        path.pop();
        continue;
      }
      const { node, depth } = step.value;
      const isMatch = depth >= levels.length || levels[depth] === '#';
      if (isMatch && node.retained !== undefined) yield node.retained;
      else if (visited % VISITS_PER_STEP === 0) yield undefined;
      const below = visitsBelow(node, levels, depth);
      if (below !== undefined) path.push(below);
    }
  }

  /** All messages in the order in which their topics came to retain one, behind a number; steps as in a list. */
  *after(number: number): Generator<ListedRetained, void, undefined> {
    for (const node of this.listed.after(number))
      if (node.retained !== undefined) yield { retained: node.retained, number: node.number };
  }

  private list(node: Node): void {
    node.number = ++this.lastNumber;
    this.listed.add(node);
  }

  private uncount(node: Node): boolean {
    if (node.retained === undefined) return false;
    this.count--;
    this.totalBytes -= node.retained.message.queueBytes;
    node.retained = undefined;
    return true;
  }
}

function newNode(): Node {
  return { children: undefined, retained: undefined, number: 0 };
}

/** The children of a node that a filter goes on to; iterators, so that breadth costs no memory. */
function visitsBelow(node: Node, levels: readonly string[], depth: number): Iterator<Visit> | undefined {
  const { children } = node;
  const hasRest = levels.at(-1) === '#' && depth >= levels.length - 1;
  const level = hasRest ? '#' : levels[depth];
  if (children === undefined || level === undefined) return undefined;
  if (level === '#' || level === '+') return wildVisits(children, depth);
  const child = children.get(level);
  return child === undefined ? undefined : [{ node: child, depth: depth + 1 }].values();
}

/** All children, but those whose names start with `$` at the first level [MQTT-4.7.2-1]. */
function* wildVisits(children: Map<string, Node>, depth: number): Generator<Visit, void, undefined> {
  for (const [name, node] of children) {
    if (depth > 0 || !name.startsWith('$')) yield { node, depth: depth + 1 };
  }
}
