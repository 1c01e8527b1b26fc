import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/**
 * Times the subscription trie by itself, or reads what it takes of memory: `match-time ROOT time|memory KIND COUNT`, where
 * ROOT is the project's folder. Needs `--expose-gc`. Topics come in no order, each one for the first time, so that
 * nothing is found in the memory of matches.
 */
const [root = '.', task = 'time', kind = 'mixed', countText = '10'] = process.argv.slice(2);
const count = Number(countText);

/** Matches that are timed. */
const MATCHES = 200_000;
const MATCHES_WARM_UP = 50_000;
/** Subscriptions of a session, where memory is read: filters are spread over sessions like this. */
const FILTERS_EACH = 10;
const SITES = 1000;

interface Subscription {
  readonly subscriber: object;
  readonly filter: string;
  readonly qos: number;
}

interface Trie {
  add(subscription: Subscription): void;
  match(topic: string): readonly Subscription[];
}

const { SubscriptionTrie } = (await import(
  pathToFileURL(join(root, 'dist/domain/subscription/subscription-trie.js')).href
)) as { readonly SubscriptionTrie: new () => Trie };

const KINDS: Readonly<Record<string, (base: string) => string>> = {
  exact: (base) => `${base}/command`,
  plus: (base) => `${base}/+`,
  hash: (base) => `${base}/#`,
};

function filterOf(index: number): string {
  const names = ['exact', 'plus', 'hash'];
  const own = kind === 'mixed' ? (names[index % names.length] ?? 'exact') : kind;
  // Made of bytes, as a packet's filter is: concatenation would leave a rope of shared parts.
  return Buffer.from((KINDS[own] ?? KINDS['exact']!)(baseOf(index))).toString('latin1');
}

function baseOf(index: number): string {
  return `site/${index % SITES}/device/${index}`;
}

/** Pseudo-random, and the same in each run. */
function* indices(): Generator<number> {
  for (let state = 1; ; state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) yield state % count;
}

function fill(trie: Trie, sessions: readonly object[]): void {
  for (let index = 0; index < count; index++) {
    const subscriber = sessions[Math.floor(index / FILTERS_EACH)] ?? sessions;
    trie.add({ subscriber, filter: filterOf(index), qos: 0 });
  }
}

function time(): Record<string, number> {
  const trie = new SubscriptionTrie();
  const startMs = performance.now();
  fill(trie, newSessions());
  const addUs = ((performance.now() - startMs) * 1000) / count;
  const random = indices();
  let serial = 0;
  // The last level is each time another one: `+` and `#` match it, names that are known don't help.
  const nextTopic = (): string => {
    const base = baseOf(random.next().value as number);
    return kind === 'exact' ? `${base}/command` : `${base}/${serial++}`;
  };
  const match = (matches: number): number => {
    const topics = Array.from({ length: matches }, nextTopic);
    const began = performance.now();
    for (const topic of topics) trie.match(topic);
    return ((performance.now() - began) * 1000) / matches;
  };
  match(MATCHES_WARM_UP);
  return { match_us: match(MATCHES), add_us: addUs };
}

function memory(): Record<string, number> {
  const sessions = newSessions();
  const before = heldBytes();
  const trie = new SubscriptionTrie();
  fill(trie, sessions);
  const bytesEach = (heldBytes() - before) / count;
  // Looked at once more, so that nothing of it could be collected.
  return { bytes_each: bytesEach, matched: trie.match(`${baseOf(0)}/command`).length };
}

function newSessions(): object[] {
  return Array.from({ length: Math.ceil(count / FILTERS_EACH) }, () => ({}));
}

function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const values = task === 'memory' ? memory() : time();
const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`);
process.stdout.write(`${pairs.join(' ')}\n`);
