import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { QoS } from '../../src/domain/qos.js';
import { RetainedTree } from '../../src/domain/retained/retained-tree.js';
import { SubscriptionTrie } from '../../src/domain/subscription/subscription-trie.js';
import { makeMessage, topicFilter, topicName } from '../support/make-message.js';
import { matchesByRegExp } from '../support/matches-by-reg-exp.js';

/** Few names, so that filters and topics meet often. */
const names = fc.constantFrom('', 'a', 'b', '$SYS', 'a$');
const topics = fc.array(names, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/') || '/');
const filters = fc
  .tuple(fc.array(fc.oneof(names, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/') || '+');
const subscribers = fc.constantFrom('x', 'y', 'z');
const levels = fc.constantFrom<QoS[]>(0, 1, 2);

describe('subscriptions', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('add' as const), subscriber: subscribers, filter: filters, qos: levels }),
      fc.record({ kind: fc.constant('remove' as const), subscriber: subscribers, filter: filters }),
      fc.record({ kind: fc.constant('match' as const), topic: topics }),
    ),
    { maxLength: 60, size: 'max' },
  );

  test('are matched as the rules say, whatever was added, removed and asked before', () => {
    fc.assert(
      fc.property(steps, fc.array(topics, { maxLength: 5 }), (script, asked) => {
        const trie = new SubscriptionTrie<string>();
        const model = new Map<string, { subscriber: string; filter: string; qos: QoS }>();
        const check = (topic: string): void => {
          const highest = new Map<string, QoS>();
          for (const { subscriber, filter, qos } of model.values())
            if (matchesByRegExp(filter, topic))
              highest.set(subscriber, Math.max(highest.get(subscriber) ?? 0, qos) as QoS);
          const found = trie.match(topicName(topic));
          expect(found.length).toBe(highest.size);
          expect(new Map(found.map(({ subscriber, qos }) => [subscriber, qos]))).toEqual(highest);
        };
        for (const step of script) {
          if (step.kind === 'match') check(step.topic);
          else if (step.kind === 'add') {
            const { subscriber, filter, qos } = step;
            trie.add({ subscriber, filter: topicFilter(filter), qos });
            model.set(`${subscriber} ${filter}`, { subscriber, filter, qos });
          } else {
            trie.remove(step.subscriber, topicFilter(step.filter));
            model.delete(`${step.subscriber} ${step.filter}`);
          }
          expect(trie.size).toBe(model.size);
          // The same topics at each step: what is remembered must not outlive a change.
          for (const topic of asked) check(topic);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('are matched right when more topics were asked for than are remembered', () => {
    const trie = new SubscriptionTrie<string>();
    trie.add({ subscriber: 's', filter: topicFilter('t/+'), qos: 1 });
    for (let i = 0; i < 25_000; i += 1) trie.match(topicName(`t/${i}`));
    trie.add({ subscriber: 'exact', filter: topicFilter('t/7'), qos: 0 });
    trie.add({ subscriber: 'exact', filter: topicFilter('t/24999'), qos: 0 });
    for (const topic of ['t/7', 't/24999']) expect(trie.match(topicName(topic))).toHaveLength(2);
    expect(trie.match(topicName('t/8'))).toHaveLength(1);
  });
});

describe('retained messages', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        topic: topics,
        payload: fc.constantFrom('p', 'longer'),
      }),
      fc.record({ kind: fc.constant('clear' as const), topic: topics }),
      fc.record({ kind: fc.constant('match' as const), filter: filters }),
    ),
    { maxLength: 60, size: 'max' },
  );

  test('are found as the rules say, whatever was set, cleared and asked before', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const tree = new RetainedTree();
        const model = new Map<string, string>();
        for (const step of script) {
          if (step.kind === 'set') {
            tree.set({ message: makeMessage(step.topic, step.payload, 1, true), publishedAtMs: 0 });
            model.set(step.topic, step.payload);
          } else if (step.kind === 'clear') {
            expect(tree.clear(topicName(step.topic))).toBe(model.delete(step.topic));
          } else {
            const found = [...tree.match(topicFilter(step.filter))].flatMap((each): string[] =>
              each === undefined ? [] : [each.message.topic],
            );
            const expected = [...model.keys()].filter((topic) => matchesByRegExp(step.filter, topic));
            expect(found.sort()).toEqual(expected.sort());
          }
          const bytes = [...model].reduce((sum, [topic, payload]) => sum + topic.length + payload.length, 0);
          expect([tree.size, tree.bytes]).toEqual([model.size, bytes]);
          for (const topic of model.keys()) expect(tree.get(topicName(topic))?.message.topic).toBe(topic);
        }
      }),
      { numRuns: 100 },
    );
  });
});
