/** The rules of section 4.7 by means that have nothing in common with a tree: what trees are compared with. */
export function matchesByRegExp(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const pattern = filter
    .replace(/[.*?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('+', '[^/]*')
    .replace(/^#$/, '.*')
    .replace(/\/#$/, '(/.*)?');
  return new RegExp(`^${pattern}$`, 's').test(topic);
}
