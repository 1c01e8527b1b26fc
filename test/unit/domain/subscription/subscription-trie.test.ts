import { describe, expect, test } from '@jest/globals';
import type { QoS } from '../../../../src/domain/qos.js';
import { SubscriptionTrie } from '../../../../src/domain/subscription/subscription-trie.js';
import { topicFilter, topicName } from '../../../support/make-message.js';

const trieOf = (...subscriptions: [subscriber: string, filter: string, qos?: QoS][]) => {
  const trie = new SubscriptionTrie<string>();
  for (const [subscriber, filter, qos = 0] of subscriptions)
    trie.add({ subscriber, filter: topicFilter(filter), qos });
  return trie;
};
const subscribersOf = (trie: SubscriptionTrie<string>, topic: string): string[] =>
  trie
    .match(topicName(topic))
    .map(({ subscriber, qos }) => `${subscriber}@${qos}`)
    .sort();

/** The examples of section 4.7 of the standard, and some at the edges. */
const CASES: [filter: string, topic: string, isMatch: boolean][] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['sport/#', 'sport/', true],
  ['sport/#', 'sports', false],
  ['#', 'a', true],
  ['#', '/', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+', 'finance', true],
  ['+', '/finance', false],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+/+', '/', true],
  ['/#', '/', true],
  ['/#', '/finance', true],
  ['/#', 'finance', false],
  ['+/tennis/#', 'sport/tennis', true],
  ['+/#', 'sport', true],
  ['a/+/c', 'a//c', true],
  ['a/b', 'a//b', false],
  ['a/b', 'a/b/', false],
  ['finance', '/finance', false],
  ['Accounts', 'ACCOUNTS', false],
  ['Accounts payable', 'Accounts payable', true],
  ['#', '$SYS/broker/x', false],
  ['+/monitor/Clients', '$SYS/monitor/Clients', false],
  ['$SYS/#', '$SYS/monitor/Clients', true],
  ['$SYS/#', '$SYS', true],
  ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
  ['#', '/$SYS', true],
  ['+/x', 'a$/x', true],
  ['+/+/#', '$SYS/a/b', false],
  ['+', '$', false],
];

describe('matching', () => {
  test.each(CASES)('%j with topic %j: %s', (filter, topic, isMatch) => {
    expect(subscribersOf(trieOf(['s', filter]), topic)).toEqual(isMatch ? ['s@0'] : []);
  });

  test('gives a subscriber of overlapping filters once, at the highest quality [MQTT-3.3.5-1]', () => {
    const trie = trieOf(['s', 'a/#', 1], ['s', 'a/+', 2], ['s', 'a/b', 0], ['other', 'a/b', 1]);
    expect(subscribersOf(trie, 'a/b')).toEqual(['other@1', 's@2']);
    expect(subscribersOf(trie, 'a/c/d')).toEqual(['s@1']);
  });

  test('composed and decomposed characters are different', () => {
    expect(subscribersOf(trieOf(['s', '\u00e9']), 'e\u0301')).toEqual([]);
  });
});

describe('changes', () => {
  test('to the same filter of the same subscriber replace the subscription', () => {
    for (const filter of ['a/b', 'a/+']) {
      const trie = trieOf(['s', filter, 2], ['s', filter, 1]);
      expect([subscribersOf(trie, 'a/b'), trie.size]).toEqual([['s@1'], 1]);
    }
  });

  test('show in the next match, though the one before is remembered', () => {
    const trie = trieOf(['s', 'a/b']);
    expect(subscribersOf(trie, 'a/b')).toEqual(['s@0']);
    trie.add({ subscriber: 'wild', filter: topicFilter('a/+'), qos: 1 });
    expect(subscribersOf(trie, 'a/b')).toEqual(['s@0', 'wild@1']);
    trie.add({ subscriber: 'exact', filter: topicFilter('a/b'), qos: 2 });
    expect(subscribersOf(trie, 'a/b')).toEqual(['exact@2', 's@0', 'wild@1']);
    trie.remove('wild', topicFilter('a/+'));
    trie.remove('s', topicFilter('a/b'));
    expect(subscribersOf(trie, 'a/b')).toEqual(['exact@2']);
  });

  test('leave the result of an earlier match as it was', () => {
    const trie = trieOf(['s', 'a'], ['t', 'a']);
    const before = trie.match(topicName('a'));
    trie.remove('s', topicFilter('a'));
    expect(before.map(({ subscriber }) => subscriber)).toEqual(['s', 't']);
  });

  test('that remove what is not there are none', () => {
    const trie = trieOf(['s', 'a/+'], ['s', 'b']);
    for (const filter of ['a/#', 'a/b', 'b/c', 'x', 'x/+', '+/+/+']) trie.remove('s', topicFilter(filter));
    trie.remove('stranger', topicFilter('a/+'));
    trie.remove('stranger', topicFilter('b'));
    expect([trie.size, subscribersOf(trie, 'a/x'), subscribersOf(trie, 'b')]).toEqual([2, ['s@0'], ['s@0']]);
  });

  test('compare filters as text, not by what they mean [MQTT-3.10.4-1]', () => {
    const trie = trieOf(['s', 'a/+']);
    trie.remove('s', topicFilter('a/b'));
    expect(subscribersOf(trie, 'a/b')).toEqual(['s@0']);
  });

  test('of a filter leave those above and below it in place', () => {
    const trie = trieOf(['s', '+/b'], ['s', '+/b/+'], ['s', '+']);
    trie.remove('s', topicFilter('+/b'));
    expect([subscribersOf(trie, 'a/b'), subscribersOf(trie, 'a/b/c'), subscribersOf(trie, 'a')]).toEqual([
      [],
      ['s@0'],
      ['s@0'],
    ]);
  });

  test('work at any depth that a topic can have', () => {
    const filter = topicFilter('+' + '/+'.repeat(32_000));
    const trie = new SubscriptionTrie<string>();
    trie.add({ subscriber: 's', filter, qos: 0 });
    trie.remove('s', filter);
    expect(trie.size).toBe(0);
  });
});
