import { expect, test } from '@jest/globals';
import { type CachedTopic, TopicCache } from '../../../src/adapters/mqtt/topic-cache.js';

const LIMITS = { topicBytesMax: 1000, topicLevelsMax: 10 };
const found = (result: ReturnType<TopicCache['find']>): CachedTopic => {
  if (typeof result === 'string') throw new Error(result);
  return result;
};

test('a topic is found by its bytes, wherever in a chunk they stand', () => {
  const cache = new TopicCache(LIMITS);
  const first = found(cache.find(Buffer.from('..a/b..'), 2, 5));
  const again = found(cache.find(Buffer.from('a/b'), 0, 3));
  expect(first.name).toBe('a/b');
  expect(again).toBe(first);
});

test('a topic is remembered though its chunk changes afterwards', () => {
  const cache = new TopicCache(LIMITS);
  const chunk = new Uint8Array(Buffer.from('topic/one'));
  cache.find(chunk, 0, 9);
  chunk.fill(33);
  expect(found(cache.find(Buffer.from('topic/one'), 0, 9)).name).toBe('topic/one');
});

test('a topic that came in a chunk from a socket doesn’t hold the chunk in memory', () => {
  const chunk = Buffer.alloc(65_536, 97);
  const { bytes } = found(new TopicCache(LIMITS).find(chunk, 0, 20));
  expect(bytes.buffer.byteLength).toBeLessThan(chunk.length);
});

test('many more topics than there is room for are all told apart', () => {
  const cache = new TopicCache(LIMITS);
  for (let round = 0; round < 2; round += 1)
    for (let i = 0; i < 40_000; i += 1) {
      const bytes = Buffer.from(`t/${i}`);
      if (found(cache.find(bytes, 0, bytes.length)).name !== `t/${i}`)
        throw new Error(`t/${i} is taken for another`);
    }
});

test('what is refused is refused again, with its reason', () => {
  const cache = new TopicCache(LIMITS);
  for (let i = 0; i < 2; i += 1) {
    expect(cache.find(Buffer.from('a/#'), 0, 3)).toBe('bad_topic');
    expect(cache.find(Buffer.of(0xff), 0, 1)).toBe('bad_utf8');
    expect(cache.find(Buffer.alloc(0), 0, 0)).toBe('bad_topic');
  }
});
