import type { TopicFilter } from '../topic/topic-filter.js';
import type { TopicName } from '../topic/topic-name.js';
import type { RetainedMessage } from './retained-message.js';

interface Node {
  children: Map<string, Node> | undefined;
  retained: RetainedMessage | undefined;
}

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
    return this.clearAt(this.root, topic.split('/'), 0);
  }

  /**
   * The messages that a filter matches, found as they are asked for: messages may be set and
   * cleared between two steps, and each is given as it then is.
   */
  *match(filter: TopicFilter): Generator<RetainedMessage, void, undefined> {
    const levels = filter.split('/');
    const pending: { node: Node; depth: number }[] = [{ node: this.root, depth: 0 }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const { node, depth } = step;
      const level = levels[depth];
      if (level === undefined) {
        if (node.retained !== undefined) yield node.retained;
      } else if (level === '#') {
        yield* everythingFrom(node, depth === 0);
      } else if (level === '+') {
        for (const [name, child] of node.children ?? []) {
          if (depth > 0 || !name.startsWith('$')) pending.push({ node: child, depth: depth + 1 });
        }
      } else {
        const child = node.children?.get(level);
        if (child !== undefined) pending.push({ node: child, depth: depth + 1 });
      }
    }
  }

  private clearAt(node: Node, levels: readonly string[], depth: number): boolean {
    const level = levels[depth];
    if (level === undefined) return this.uncount(node);
    const child = node.children?.get(level);
    if (child === undefined) return false;
    const cleared = this.clearAt(child, levels, depth + 1);
    if (child.retained === undefined && child.children === undefined) {
      node.children?.delete(level);
      if (node.children?.size === 0) node.children = undefined;
    }
    return cleared;
  }

  private uncount(node: Node): boolean {
    if (node.retained === undefined) return false;
    this.count--;
    this.totalBytes -= node.retained.message.queueBytes;
    node.retained = undefined;
    return true;
  }
}

/**
 * What `#` reaches: the node itself and all below it. Iterators wait on a stack of our own, so that
 * neither depth nor breadth costs more than the path to where the walk stands.
 */
function* everythingFrom(start: Node, atRoot: boolean): Generator<RetainedMessage, void, undefined> {
  if (start.retained !== undefined) yield start.retained;
  const path = [(start.children ?? new Map<string, Node>()).entries()];
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    const step = last.next();
    if (step.done === true) {
      path.pop();
      continue;
    }
    const [name, node] = step.value;
    if (atRoot && path.length === 1 && name.startsWith('$')) continue; // [MQTT-4.7.2-1]
    if (node.retained !== undefined) yield node.retained;
    if (node.children !== undefined) path.push(node.children.entries());
  }
}
