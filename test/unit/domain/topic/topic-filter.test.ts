import { describe, expect, test } from '@jest/globals';
import { hasWildcard, parseTopicFilter } from '../../../../src/domain/topic/topic-filter.js';

const LIMITS = { topicBytesMax: 20, topicLevelsMax: 4 };

describe('a topic filter', () => {
  test.each(['a', '#', '+', '/', '//', '+/+', '+/t/#', 's/+/p', '/#', '$SYS/#', 'a b', '$share/g/t', '/+'])(
    'like %j is taken as it is',
    (raw) => {
      expect(parseTopicFilter(raw, LIMITS)).toBe(raw);
    },
  );

  test.each(['', 's/t#', 's/#/r', '#/a', '##', 's+', '+a/b', 'a/b+/c', '++', '+#', 'a\0', '#/', '#/#'])(
    'like %j is refused',
    (raw) => {
      expect(parseTopicFilter(raw, LIMITS)).toBeUndefined();
    },
  );

  test('over the limit of bytes or levels is refused', () => {
    expect(parseTopicFilter('a'.repeat(20), LIMITS)).toBeDefined();
    expect(parseTopicFilter('a'.repeat(21), LIMITS)).toBeUndefined();
    expect(parseTopicFilter('+/+/+/#', LIMITS)).toBeDefined();
    expect(parseTopicFilter('+/+/+/+/#', LIMITS)).toBeUndefined();
  });

  test('has a wildcard or names one topic', () => {
    expect(['a/b', 'a/+', '#'].map(hasWildcard)).toEqual([false, true, true]);
  });
});
