/**
 * Whether a filter matches a topic [MQTT-4.7.1-2] [MQTT-4.7.1-3]; a leading wildcard matches no topic that begins
 * with `$` [MQTT-4.7.2-1]. For single questions: to find all filters that match a topic there is the subscription trie.
 */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#](\/|$)/.test(filter)) return false;
  return patternMatches(filter, topic);
}

/** Whether a pattern with `+` and `#` fits a topic level by level, also one that begins with `$`. */
export function patternMatches(pattern: string, topic: string): boolean {
  const wanted = pattern.split('/');
  const levels = topic.split('/');
  const isOpen = wanted.at(-1) === '#';
  if (isOpen) wanted.pop();
  if (isOpen ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((level, i) => level === '+' || level === levels[i]);
}
