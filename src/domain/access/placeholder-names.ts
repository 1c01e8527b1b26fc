/**
 * What `%c` and `%u` stand for in the rules of one client. A name with a wildcard or a slash never gets into a rule:
 * a level that would take it in matches nothing, and with it the rule.
 */
export class PlaceholderNames {
  private filled: Map<string, string | undefined> | undefined;

  constructor(
    private readonly clientId: string,
    /** Undefined for an anonymous client, for whom rules with `%u` match nothing. */
    private readonly userName: string | undefined,
  ) {}

  /**
   * A level with the names put in; undefined where that can't be.
   * @param isFirst Whether it is the first level: a name makes no topic there that begins with `$`.
   */
  fill(level: string, isFirst: boolean): string | undefined {
    const key = isFirst ? `/${level}` : level;
    this.filled ??= new Map();
    if (!this.filled.has(key)) this.filled.set(key, this.filling(level, isFirst));
    return this.filled.get(key);
  }

  private filling(level: string, isFirst: boolean): string | undefined {
    const names: Readonly<Record<string, string | undefined>> = { '%c': this.clientId, '%u': this.userName };
    const used = [...level.matchAll(/%[cu]/g)].map(([placeholder]) => names[placeholder]);
    if (used.some((name) => name === undefined || name === '' || /[+#/]/.test(name))) return undefined;
    const filled = level.replaceAll(/%[cu]/g, (placeholder) => names[placeholder] ?? '');
    return isFirst && filled.startsWith('$') && !level.startsWith('$') ? undefined : filled;
  }
}

/** Whether a rule's filter, or a level of one, has a name to be put in. */
export function hasPlaceholder(filter: string): boolean {
  return filter.includes('%c') || filter.includes('%u');
}
