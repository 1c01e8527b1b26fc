import { describe, expect, test } from '@jest/globals';
import { Message, messageOf } from '../../../src/domain/message.js';
import { payloadText, topicName } from '../../support/make-message.js';

/** A message in the middle of a chunk, as it comes from a socket. */
const messageIn = (chunk: Uint8Array, start: number, end: number): Message =>
  new Message(topicName('a/b'), chunk, start, end, 1, false);
const chunkOf = (length: number): Buffer => Buffer.alloc(length, 'abcdefghij');

describe('a message', () => {
  test('is a window on the bytes that it came in', () => {
    const message = messageIn(Buffer.from('..hello..'), 2, 7);
    expect([payloadText(message), message.payloadLength, message.queueBytes]).toEqual(['hello', 5, 8]);
  });

  test('made of an array has all of it as payload', () => {
    const message = messageOf(topicName('t'), Buffer.from('all'), 2, true);
    expect([payloadText(message), message.qos, message.retain]).toEqual(['all', 2, true]);
  });
});

describe('keeping a message', () => {
  test.each([0, 1, 128, 129, 2047, 2048])('of %i bytes makes it independent of its chunk', (length) => {
    const chunk = chunkOf(8192);
    const message = messageIn(chunk, 10, 10 + length);
    const before = payloadText(message);
    message.keep();
    chunk.fill('!');
    expect(payloadText(message)).toBe(before);
    expect(message.payloadLength).toBe(length);
  });

  test.each([2049, 8000])('of %i bytes makes it independent of its chunk', (length) => {
    const chunk = chunkOf(8192);
    const message = messageIn(chunk, 10, 10 + length);
    const before = payloadText(message);
    message.keep();
    chunk.fill('!');
    expect(payloadText(message)).toBe(before);
  });

  test('copies once: a second call leaves the bytes where they are', () => {
    const message = messageIn(chunkOf(100), 0, 50);
    message.keep();
    const { bytes, payloadStart } = message;
    message.keep();
    expect([message.bytes === bytes, message.payloadStart]).toEqual([true, payloadStart]);
  });

  test('keeps many apart, though small ones share memory', () => {
    const messages = Array.from({ length: 2000 }, (_, i) => {
      const bytes = Buffer.from(`payload ${i} ${'x'.repeat(i % 100)}`);
      return { message: messageIn(bytes, 0, bytes.length), text: bytes.toString() };
    });
    for (const { message } of messages) message.keep();
    for (const { message, text } of messages) expect(payloadText(message)).toBe(text);
  });

  test('pins at most sixteen kilobytes for a small payload', () => {
    const message = messageIn(chunkOf(65_536), 0, 10);
    message.keep();
    expect(message.bytes.buffer.byteLength).toBeLessThanOrEqual(16_384);
  });
});
