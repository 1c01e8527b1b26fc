import { Message } from '../../src/domain/message.js';
import type { QoS } from '../../src/domain/qos.js';
import type { TopicFilter } from '../../src/domain/topic/topic-filter.js';
import type { TopicName } from '../../src/domain/topic/topic-name.js';

/** A message as though it had come from a client; its payload is text. */
export function makeMessage(topic: string, payload = '', qos: QoS = 0, retain = false): Message {
  const bytes = Buffer.from(payload);
  return new Message(topicName(topic), bytes, 0, bytes.length, qos, retain);
}

/** A topic name that the test knows to be well-formed. */
export const topicName = (raw: string): TopicName => raw as TopicName;

/** A topic filter that the test knows to be well-formed. */
export const topicFilter = (raw: string): TopicFilter => raw as TopicFilter;

/** A message's payload as text. */
export const payloadText = (message: Message): string => Buffer.from(message.payload).toString();
