import { describe, expect, test } from '@jest/globals';
import { isServerTopic, parseTopicName, withinTopicLimits } from '../../../../src/domain/topic/topic-name.js';
import { topicName } from '../../../support/make-message.js';

const LIMITS = { topicBytesMax: 20, topicLevelsMax: 4 };

describe('a topic name', () => {
  test.each(['a', '/', '//', 'a/b', '/a', 'a/', 'a b', '$SYS/x', 'é/ü', '\ufeffa', 'A'])(
    'like %j is taken as it is',
    (raw) => {
      expect(parseTopicName(raw, LIMITS)).toBe(raw);
    },
  );

  test.each(['', '+', '#', 'a/+', 'a/#', 'a+', '#a', 'a\0b', '\0'])('like %j is refused', (raw) => {
    expect(parseTopicName(raw, LIMITS)).toBeUndefined();
  });

  test('is measured in UTF-8 bytes, and the limit is the last that passes', () => {
    expect(parseTopicName('a'.repeat(20), LIMITS)).toBeDefined();
    expect(parseTopicName('a'.repeat(21), LIMITS)).toBeUndefined();
    expect(parseTopicName('é'.repeat(10), LIMITS)).toBeDefined();
    expect(parseTopicName('é'.repeat(10) + 'a', LIMITS)).toBeUndefined();
    expect(parseTopicName('😀'.repeat(5), LIMITS)).toBeDefined();
    expect(parseTopicName('😀'.repeat(5) + 'a', LIMITS)).toBeUndefined();
  });

  test('has a level more than it has slashes', () => {
    expect(parseTopicName('a/b/c/d', LIMITS)).toBeDefined();
    expect(parseTopicName('///', LIMITS)).toBeDefined();
    expect(parseTopicName('////', LIMITS)).toBeUndefined();
    expect(withinTopicLimits('a/b/c/d/e', LIMITS)).toBe(false);
  });

  test.each([
    ['$SYS', true],
    ['$SYS/broker', true],
    ['$SYSTEM', false],
    ['$other/x', false],
    ['a/$SYS/x', false],
    ['$sys/x', false],
  ])('%s belongs to the server: %s', (raw, isServers) => {
    expect(isServerTopic(topicName(raw))).toBe(isServers);
  });
});
