import { filterMatches } from '../topic/topic-matching.js';
import type { TopicName } from '../topic/topic-name.js';
import type { Subscription } from './subscription.js';

/** What is remembered, in topics and subscriptions; past it the memory starts anew. */
const REFERENCES_MAX = 200_000;
/** Longer topics aren't remembered. */
const TOPIC_LENGTH_MAX = 256;
/** Changes that matches are brought up to date with; past it the memory starts anew. */
const CHANGES_MAX = 4096;
/** What it takes to hold one change against a topic, in nodes of the trie that are visited in that time. */
const EFFORT_A_CHANGE = 8;

/** The matches of a topic, as they were when so many changes had been made. */
interface Remembered<S> {
  readonly matches: readonly Subscription<S>[];
  readonly effort: number;
  readonly changes: number;
}

/** A subscription that was made, or one that is gone. */
type Change<S> = Subscription<S> | Omit<Subscription<S>, 'qos'>;

/**
 * Remembers which subscriptions match a topic.
 *
 * A subscription with wildcards may concern any topic. What it changes is worked out when a topic is asked for
 * again, and only if that takes less than to look for the matches anew: for most topics it doesn't, but there are
 * sets of filters in which a single match takes many milliseconds, and those can't be had for each SUBSCRIBE.
 */
export class MatchMemory<S> {
  private readonly topics = new Map<TopicName, Remembered<S>>();
  private references = 0;
  /** Subscriptions with wildcards that were made or removed since the memory was empty. */
  private changes: Change<S>[] = [];

  /** @returns the matches as they are now; undefined if they have to be looked for. */
  get(topic: TopicName): readonly Subscription<S>[] | undefined {
    const known = this.topics.get(topic);
    if (known === undefined) return undefined;
    if (known.changes === this.changes.length) return known.matches;
    const matches = this.bringUpToDate(topic, known);
    if (matches === undefined) this.forget(topic);
    else this.set(topic, matches, known.effort);
    return matches;
  }

  /** @param effort What it took to find the matches, in nodes of the trie and subscriptions that were looked at. */
  set(topic: TopicName, matches: readonly Subscription<S>[], effort: number): void {
    if (topic.length > TOPIC_LENGTH_MAX) return;
    this.forget(topic);
    if (this.references + 1 + matches.length > REFERENCES_MAX) this.clear();
    this.references += 1 + matches.length;
    this.topics.set(topic, { matches, effort, changes: this.changes.length });
  }

  /** The subscriptions to a topic by its name have changed. */
  forget(topic: TopicName): void {
    const known = this.topics.get(topic);
    if (known === undefined) return;
    this.references -= 1 + known.matches.length;
    this.topics.delete(topic);
  }

  /** A subscription with wildcards was made or removed. */
  changed(change: Change<S>): void {
    // To clear a map costs something even if nothing is in it.
    if (this.topics.size === 0) return;
    if (this.changes.length === CHANGES_MAX) this.clear();
    else this.changes.push(change);
  }

  /** Lets go of all that isn't up to date: it may hold subscribers that are gone, with all that they own. */
  dropStale(): void {
    if (this.changes.length > 0) this.clear();
  }

  private clear(): void {
    this.topics.clear();
    this.references = 0;
    this.changes = [];
  }

  private bringUpToDate(topic: TopicName, known: Remembered<S>): readonly Subscription<S>[] | undefined {
    const { effort, matches, changes } = known;
    const missed = this.changes.length - changes;
    if (missed * EFFORT_A_CHANGE > effort) return undefined;
    const concerning = this.changes.slice(changes).filter(({ filter }) => filterMatches(filter, topic));
    return concerning.length === 0 ? matches : changedBy(concerning, matches);
  }
}

/** @returns the matches after the changes; undefined if other subscriptions of a subscriber may count now. */
function changedBy<S>(
  changes: readonly Change<S>[],
  matches: readonly Subscription<S>[],
): readonly Subscription<S>[] | undefined {
  const highest = new Map(matches.map((match) => [match.subscriber, match]));
  for (const change of changes) {
    const counting = highest.get(change.subscriber);
    if ('qos' in change && (counting === undefined || counting.qos <= change.qos))
      highest.set(change.subscriber, change);
    else if (counting?.filter === change.filter) return undefined;
  }
  return [...highest.values()];
}
