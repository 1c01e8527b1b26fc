import { hasWildcard, type TopicFilter } from '../topic/topic-filter.js';
import type { TopicName } from '../topic/topic-name.js';
import { MatchMemory } from './match-memory.js';
import type { Subscription } from './subscription.js';

/** The subscriptions to one filter: the only one as itself, several by subscriber. */
type Bucket<S> = Subscription<S> | Map<S, Subscription<S>>;

/** One level of the wildcard filters; a level's name leads to the next. */
interface Node<S> {
  children: Map<string, Node<S>> | undefined;
  bucket: Bucket<S> | undefined;
}

/**
 * All subscriptions, to find those that match a topic.
 *
 * Filters without wildcards are found by name. The others stand in a trie with one node a level, in
 * which `+` and `#` are names like any other, so that the cost of a match grows with the topic's
 * depth and not with the number of subscriptions. Matches are remembered by topic.
 */
export class SubscriptionTrie<S> {
  private readonly exact = new Map<string, Bucket<S>>();
  private readonly root: Node<S> = newNode();
  private readonly memory = new MatchMemory<S>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Adds a subscription; one of the same subscriber and filter is replaced [MQTT-3.8.4-3]. */
  add(subscription: Subscription<S>): void {
    const { filter } = subscription;
    if (hasWildcard(filter)) {
      this.memory.changed(subscription);
      const node = this.nodeOf(filter);
      node.bucket = this.put(node.bucket, subscription);
    } else {
      this.memory.forget(nameIn(filter));
      this.exact.set(filter, this.put(this.exact.get(filter), subscription));
    }
  }

  /** Removes a subscription by its filter, character for character [MQTT-3.10.4-1]. */
  remove(subscriber: S, filter: TopicFilter): void {
    if (hasWildcard(filter)) {
      this.memory.changed({ subscriber, filter });
      this.removeWild(subscriber, filter);
      return;
    }
    this.memory.forget(nameIn(filter));
    const bucket = this.exact.get(filter);
    if (bucket === undefined) return;
    const left = this.take(bucket, subscriber);
    if (left === undefined) this.exact.delete(filter);
    else this.exact.set(filter, left);
  }

  /** Removes the subscriptions of a subscriber that is gone: nothing refers to it any more. */
  removeAll(subscriber: S, filters: Iterable<TopicFilter>): void {
    for (const filter of filters) this.remove(subscriber, filter);
    this.memory.dropStale();
  }

  /**
   * The subscriptions that match a topic, one for each subscriber: of overlapping ones that with the
   * highest quality [MQTT-3.3.5-1]. The result is shared: don't change it.
   */
  match(topic: TopicName): readonly Subscription<S>[] {
    return this.memory.get(topic) ?? this.find(topic);
  }

  private find(topic: TopicName): readonly Subscription<S>[] {
    const buckets: Bucket<S>[] = [];
    const exact = this.exact.get(topic);
    if (exact !== undefined) buckets.push(exact);
    const visited = this.root.children === undefined ? 0 : collect(this.root, topic.split('/'), buckets);
    const matches = highestOfEach(buckets);
    this.memory.set(topic, matches, visited + buckets.length);
    return matches;
  }

  private nodeOf(filter: TopicFilter): Node<S> {
    let node = this.root;
    for (const level of filter.split('/')) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }

  private put(bucket: Bucket<S> | undefined, subscription: Subscription<S>): Bucket<S> {
    const { subscriber } = subscription;
    if (bucket instanceof Map) {
      if (!bucket.has(subscriber)) this.count++;
      return bucket.set(subscriber, subscription);
    }
    if (bucket?.subscriber === subscriber) return subscription;
    this.count++;
    if (bucket === undefined) return subscription;
    return new Map([
      [bucket.subscriber, bucket],
      [subscriber, subscription],
    ]);
  }

  private take(bucket: Bucket<S>, subscriber: S): Bucket<S> | undefined {
    if (bucket instanceof Map) {
      if (bucket.delete(subscriber)) this.count--;
      return bucket.size === 0 ? undefined : bucket;
    }
    if (bucket.subscriber !== subscriber) return bucket;
    this.count--;
    return undefined;
  }

  /** Removes from the trie, and drops the nodes that are left empty. */
  private removeWild(subscriber: S, filter: TopicFilter): void {
    const levels = filter.split('/');
    const path = [this.root];
    for (const level of levels) {
      const child = path.at(-1)?.children?.get(level);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path.at(-1);
    if (last?.bucket !== undefined) last.bucket = this.take(last.bucket, subscriber);
    for (let depth = levels.length; depth > 0; depth--) {
      const [parent, node, level] = [path[depth - 1], path[depth], levels[depth - 1]];
      if (node?.bucket !== undefined || node?.children !== undefined || level === undefined) return;
      parent?.children?.delete(level);
      if (parent?.children?.size === 0) parent.children = undefined;
    }
  }
}

function newNode<S>(): Node<S> {
  return { children: undefined, bucket: undefined };
}

/** The topic that a filter without wildcards spells. */
function nameIn(filter: TopicFilter): TopicName {
  return filter as string as TopicName;
}

/**
 * Walks the trie a level at a time; `$` topics are out of reach of a leading wildcard [MQTT-4.7.2-1].
 * @returns how many nodes it came by.
 */
function collect<S>(root: Node<S>, levels: readonly string[], found: Bucket<S>[]): number {
  let nodes = [root];
  let visited = 1;
  const hidden = levels[0]?.startsWith('$') === true;
  levels.forEach((level, depth) => {
    const wild = depth > 0 || !hidden;
    const next: Node<S>[] = [];
    for (const { children } of nodes) {
      if (children === undefined) continue;
      if (wild) {
        const rest = children.get('#')?.bucket;
        if (rest !== undefined) found.push(rest);
        const any = children.get('+');
        if (any !== undefined) next.push(any);
      }
      const named = children.get(level);
      if (named !== undefined) next.push(named);
    }
    nodes = next;
    visited += nodes.length;
  });
  for (const node of nodes) {
    if (node.bucket !== undefined) found.push(node.bucket);
    // `a/#` matches `a` itself too.
    const rest = node.children?.get('#')?.bucket;
    if (rest !== undefined) found.push(rest);
  }
  return visited;
}

function highestOfEach<S>(buckets: readonly Bucket<S>[]): readonly Subscription<S>[] {
  const [first] = buckets;
  if (first === undefined) return [];
  if (buckets.length === 1) return first instanceof Map ? [...first.values()] : [first];
  const highest = new Map<S, Subscription<S>>();
  for (const bucket of buckets) {
    for (const subscription of bucket instanceof Map ? bucket.values() : [bucket]) {
      const other = highest.get(subscription.subscriber);
      if (other === undefined || other.qos < subscription.qos) {
        highest.set(subscription.subscriber, subscription);
      }
    }
  }
  return [...highest.values()];
}
