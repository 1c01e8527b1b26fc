import { type TopicLimits, withinTopicLimits } from './topic-name.js';

/** What a client subscribes to: a topic name, or a pattern with `+` and `#`. */
export type TopicFilter = string & { readonly __brand: 'TopicFilter' };

const PLUS = 43;
const HASH = 35;
const SLASH = 47;
const UNLIMITED: TopicLimits = { topicBytesMax: Infinity, topicLevelsMax: Infinity };

/**
 * Checks a topic filter as it came from a client; nothing in it is changed [MQTT-4.7.3-4].
 * @param limits None where somebody only asks about topics.
 * @returns undefined when it is empty [MQTT-4.7.3-1], holds U+0000 [MQTT-4.7.3-2], misplaces a
 *   wildcard [MQTT-4.7.1-2] [MQTT-4.7.1-3], or is over a limit.
 */
export function parseTopicFilter(raw: string, limits = UNLIMITED): TopicFilter | undefined {
  if (raw.length === 0 || raw.includes('\0') || !withinTopicLimits(raw, limits)) return undefined;
  return wildcardsStandAlone(raw) ? (raw as TopicFilter) : undefined;
}

/** Whether a filter matches more than the one topic that it spells. */
export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** Whether each is a whole level, and `#` the last one. By characters: very many filters may come in one packet. */
function wildcardsStandAlone(filter: string): boolean {
  for (let at = 0; at < filter.length; at++) {
    const code = filter.charCodeAt(at);
    if (code !== PLUS && code !== HASH) continue;
    const isLast = at + 1 === filter.length;
    if (at > 0 && filter.charCodeAt(at - 1) !== SLASH) return false;
    if (!isLast && (code === HASH || filter.charCodeAt(at + 1) !== SLASH)) return false;
  }
  return true;
}
