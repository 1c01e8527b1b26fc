import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SubscriptionTrie } from '../../../../src/domain/subscription/subscription-trie.js';
import { filterMatches } from '../../../../src/domain/topic/topic-matching.js';
import { topicFilter, topicName } from '../../../support/make-message.js';

const names = fc.constantFrom('', 'a', 'b', '$SYS');
const topics = fc.array(names, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/') || '/');
const filters = fc
  .tuple(fc.array(fc.oneof(names, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/') || '+');

test('a filter matches the topics that the subscription trie finds it for [MQTT-4.7.1-2] [MQTT-4.7.2-1]', () => {
  fc.assert(
    fc.property(filters, topics, (filter, topic) => {
      const trie = new SubscriptionTrie<string>();
      trie.add({ subscriber: 'x', filter: topicFilter(filter), qos: 0 });
      expect(filterMatches(filter, topic)).toBe(trie.match(topicName(topic)).length === 1);
    }),
    { numRuns: 2000 },
  );
});
