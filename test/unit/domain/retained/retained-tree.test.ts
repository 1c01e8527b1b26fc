import { describe, expect, test } from '@jest/globals';
import { RetainedTree } from '../../../../src/domain/retained/retained-tree.js';
import { makeMessage, payloadText, topicFilter, topicName } from '../../../support/make-message.js';

const retained = (topic: string, payload = topic) => ({
  message: makeMessage(topic, payload, 0, true),
  publishedAtMs: 0,
});
const treeOf = (...topics: string[]): RetainedTree => {
  const tree = new RetainedTree();
  for (const topic of topics) tree.set(retained(topic));
  return tree;
};
const topicsOf = (tree: RetainedTree, filter: string): string[] =>
  [...tree.match(topicFilter(filter))].flatMap((found) => found?.message.topic ?? []).sort();

describe('retained messages', () => {
  const tree = treeOf('a', 'a/', 'a/b', 'a/b/c', '/a', 'b', '$SYS/x', '$SYS');

  test.each([
    ['a', ['a']],
    ['a/b', ['a/b']],
    ['a/+', ['a/', 'a/b']],
    ['a/#', ['a', 'a/', 'a/b', 'a/b/c']],
    ['+', ['a', 'b']],
    ['#', ['/a', 'a', 'a/', 'a/b', 'a/b/c', 'b']],
    ['+/+', ['/a', 'a/', 'a/b']],
    ['/+', ['/a']],
    ['+/b/#', ['a/b', 'a/b/c']],
    ['$SYS/#', ['$SYS', '$SYS/x']],
    ['$SYS/+', ['$SYS/x']],
    ['x/#', []],
    ['a/b/c/d', []],
  ])('are found by the filter %j', (filter, topics) => {
    expect(topicsOf(tree, filter)).toEqual([...topics].sort());
  });

  test('are one a topic: a later one takes the place of the one before [MQTT-3.3.1-7]', () => {
    const tree = new RetainedTree();
    tree.set(retained('t', 'old one'));
    tree.set(retained('t', 'new'));
    expect(payloadText(tree.get(topicName('t'))!.message)).toBe('new');
    expect([tree.size, tree.bytes]).toEqual([1, 4]);
  });

  test('are counted, in number and in bytes of topic and payload', () => {
    const tree = treeOf('a/b', 'c');
    expect([tree.size, tree.bytes]).toEqual([2, 8]);
    expect([tree.clear(topicName('a/b')), tree.clear(topicName('a/b'))]).toEqual([true, false]);
    expect([tree.size, tree.bytes]).toEqual([1, 2]);
  });

  test('leave what is above and below them when they are cleared', () => {
    const tree = treeOf('a', 'a/b', 'a/b/c');
    expect(tree.clear(topicName('a/b'))).toBe(true);
    expect(topicsOf(tree, '#')).toEqual(['a', 'a/b/c']);
    expect([tree.clear(topicName('x/y')), tree.clear(topicName('a/b/c/d'))]).toEqual([false, false]);
  });

  test('may be set and cleared while they are walked through', () => {
    const tree = treeOf('a/1', 'a/2', 'a/3');
    const walk = tree.match(topicFilter('#'));
    const first = walk.next().value!.message.topic;
    for (const topic of ['a/1', 'a/2', 'a/3']) tree.clear(topicName(topic));
    tree.set(retained('b', 'new'));
    const rest = [...walk].flatMap((found) => found?.message.topic ?? []);
    expect(first).toMatch(/^a\//);
    expect(rest.every((topic) => topic === 'b')).toBe(true);
  });

  test('are cleared at any depth that a topic can have', () => {
    const topic = 'a' + '/a'.repeat(32_000);
    const tree = treeOf(topic);
    expect(topicsOf(tree, '#')).toEqual([topic]);
    expect(tree.clear(topicName(topic))).toBe(true);
  });
});
