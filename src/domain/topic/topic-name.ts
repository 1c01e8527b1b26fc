import { utf8Length } from '../client-id.js';

/** What a message is published to: no wildcards, one character or more. */
export type TopicName = string & { readonly __brand: 'TopicName' };

/** How long and how deep a topic name or filter may be. */
export interface TopicLimits {
  /** UTF-8 bytes; the standard's own limit is 65,535 [MQTT-4.7.3-3]. */
  readonly topicBytesMax: number;
  /** Levels, that is slashes plus one; bounds the cost of matching. */
  readonly topicLevelsMax: number;
}

/**
 * Checks a topic name as it came from a client; nothing in it is changed [MQTT-4.7.3-4].
 * @returns undefined when it is empty [MQTT-4.7.3-1], holds a wildcard [MQTT-3.3.2-2] [MQTT-4.7.1-1]
 *   or U+0000 [MQTT-4.7.3-2], or is over a limit.
 */
export function parseTopicName(raw: string, limits: TopicLimits): TopicName | undefined {
  if (raw.length === 0 || raw.includes('+') || raw.includes('#') || raw.includes('\0')) return undefined;
  return withinTopicLimits(raw, limits) ? (raw as TopicName) : undefined;
}

/** Whether a topic, or all that a filter matches, belongs to the server: clients publish nothing there. */
export function isServerTopic(topic: string): boolean {
  return topic.startsWith('$SYS/') || topic === '$SYS';
}

/** Whether a name or filter keeps both limits. */
export function withinTopicLimits(raw: string, limits: TopicLimits): boolean {
  if (utf8Length(raw) > limits.topicBytesMax) return false;
  let levels = 1;
  for (let at = raw.indexOf('/'); at !== -1; at = raw.indexOf('/', at + 1)) levels++;
  return levels <= limits.topicLevelsMax;
}
