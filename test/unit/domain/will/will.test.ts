import { expect, test } from '@jest/globals';
import { Will } from '../../../../src/domain/will/will.js';
import { Message } from '../../../../src/domain/message.js';
import { makeMessage, payloadText, topicName } from '../../../support/make-message.js';

test('a will is due at every end but a DISCONNECT [MQTT-3.1.2-8] [MQTT-3.14.4-3]', () => {
  const will = new Will(makeMessage('t', 'gone'));
  expect((['lost', 'taken-over', 'disconnect-packet'] as const).map((end) => will.isDue(end))).toEqual([
    true,
    true,
    false,
  ]);
});

test('a will outlives the chunk that its CONNECT came in', () => {
  const chunk = Buffer.from('....gone....');
  const will = new Will(new Message(topicName('t'), chunk, 4, 8, 0, false));
  chunk.fill('!');
  expect(payloadText(will.message)).toBe('gone');
});
