import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PlaceholderNames } from '../../src/domain/access/placeholder-names.js';
import { RuleTrie } from '../../src/domain/access/rule-trie.js';
import { matchesByRegExp } from '../support/matches-by-reg-exp.js';

const names = new PlaceholderNames('a', 'b');

/**
 * Every topic of up to four levels over the names of the filters and one that none of them has: enough to tell filters
 * of so many apart. With the empty one, which nobody can publish to: `/#` and `+` have it alone in common.
 */
const LEVELS = ['', 'a', 'b', '$s', 'other'];
const TOPICS = (() => {
  let longest: string[] = [...LEVELS];
  const all = [...longest];
  for (let depth = 2; depth <= 4; depth++) {
    longest = longest.flatMap((topic) => LEVELS.map((level) => `${topic}/${level}`));
    all.push(...longest);
  }
  return all;
})();

const level = fc.constantFrom('', 'a', 'b', '$s', '+', '%c', '%u');
const filters = fc
  .tuple(fc.array(level, { maxLength: 3 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/') || '+');
const filled = (filter: string): string => filter.replaceAll('%c', 'a').replaceAll('%u', 'b');
const topicsOf = (filter: string): string[] =>
  TOPICS.filter((topic) => matchesByRegExp(filled(filter), topic));

const trieOf = (rules: readonly string[]): RuleTrie<string> => {
  const trie = new RuleTrie<string>(true);
  for (const rule of rules) trie.add(rule, rule);
  return trie;
};

describe('the rules of a trie', () => {
  const rules = fc.uniqueArray(filters, { minLength: 1, maxLength: 6 });

  test('that match a topic are those that section 4.7 says', () => {
    fc.assert(
      fc.property(rules, fc.constantFrom(...TOPICS), (held, topic) => {
        const found = [...trieOf(held).covering(topic, names)];
        expect(found.sort()).toEqual(held.filter((rule) => matchesByRegExp(filled(rule), topic)).sort());
      }),
    );
  });

  test('cover a filter if they match every topic that it matches, and only then', () => {
    fc.assert(
      fc.property(rules, filters, (held, filter) => {
        const topics = topicsOf(filter);
        const found = [...trieOf(held).covering(filled(filter), names)];
        const expected = held.filter((rule) => topics.every((topic) => matchesByRegExp(filled(rule), topic)));
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  test('overlap a filter if they match a topic that it matches, and only then', () => {
    fc.assert(
      fc.property(rules, filters, (held, filter) => {
        const topics = topicsOf(filter);
        const found = [...trieOf(held).overlapping(filled(filter), names)];
        const expected = held.filter((rule) => topics.some((topic) => matchesByRegExp(filled(rule), topic)));
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  test('never take in a name with a wildcard or a slash', () => {
    const unruly = fc
      .string({ maxLength: 4 })
      .chain((text) => fc.constantFrom('+', '#', '/').map((sign) => text + sign));
    fc.assert(
      fc.property(unruly, fc.constantFrom(...TOPICS, '+', '#'), (name, asked) => {
        const own = new PlaceholderNames(name, name);
        const trie = trieOf(['%c', '%u', '%c/#', 'a/%u', 'x%c/+', '+/%u/#']);
        expect([...trie.covering(asked, own), ...trie.overlapping(asked, own)]).toEqual([]);
      }),
    );
  });
});
