import type { TopicFilter } from '../topic/topic-filter.js';
import type { TopicName } from '../topic/topic-name.js';
import type { RetainedMessage } from './retained-message.js';

interface Node {
  children: Map<string, Node> | undefined;
  retained: RetainedMessage | undefined;
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
  private readonly root: Node = { children: undefined, retained: undefined };
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
        child = { children: undefined, retained: undefined };
        node.children.set(level, child);
      }
      node = child;
    }
    this.uncount(node);
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
    const cleared = this.uncount(path.at(-1) ?? this.root);
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

  private uncount(node: Node): boolean {
    if (node.retained === undefined) return false;
    this.count--;
    this.totalBytes -= node.retained.message.queueBytes;
    node.retained = undefined;
    return true;
  }
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
