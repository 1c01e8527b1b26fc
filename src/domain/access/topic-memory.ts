import type { TopicName } from '../topic/topic-name.js';

/** Longer topics aren't remembered, so that memory is bounded. UTF-16 units. */
const TOPIC_LENGTH_MAX = 256;

/** Remembers a number for each of the topics that were asked about last, so that the data plane walks no trie. */
export class TopicMemory {
  private readonly found = new Map<TopicName, number>();
  private last: TopicName | undefined;
  private lastFound = 0;

  /** @param topicsMax Past so many topics, the memory starts anew. */
  constructor(
    private readonly topicsMax: number,
    private readonly find: (topic: TopicName) => number,
  ) {}

  get(topic: TopicName): number {
    // A topic that comes again and again is the same string each time, which costs one comparison of addresses.
    if (topic === this.last) return this.lastFound;
    const found = this.found.get(topic) ?? this.look(topic);
    this.last = topic;
    this.lastFound = found;
    return found;
  }

  private look(topic: TopicName): number {
    const found = this.find(topic);
    if (topic.length > TOPIC_LENGTH_MAX) return found;
    if (this.found.size >= this.topicsMax) this.found.clear();
    this.found.set(topic, found);
    return found;
  }
}
