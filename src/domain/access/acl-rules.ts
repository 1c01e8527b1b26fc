import type { AccessRule } from './access-rule.js';
import type { SourceRules } from './compiled-policy.js';
import type { Principal } from './principal.js';
import { NamedRules, type RuleBook } from './rule-book.js';
import { RuleSet } from './rule-set.js';

/** What an ACL file says. */
export interface AclContent {
  /** `topic` lines before the first `user` line: for clients without a user name. */
  readonly anonymous: readonly AccessRule[];
  /** `topic` lines by the user that they stand under; `%c` and `%u` are nothing special in them. */
  readonly users: ReadonlyMap<string, readonly AccessRule[]>;
  /** `pattern` lines: for everybody. */
  readonly patterns: readonly AccessRule[];
}

/** The rules of an ACL file: a client's own `topic` lines are asked first, and `pattern` lines where these say nothing. */
export class AclRules implements RuleBook {
  private readonly anonymous: readonly RuleSet[];
  private readonly users: NamedRules;
  private readonly patterns: readonly RuleSet[];

  constructor({ anonymous, users, patterns }: AclContent) {
    this.anonymous = anonymous.length === 0 ? [] : [new RuleSet(anonymous, { hasNames: false })];
    this.users = new NamedRules(users, false);
    this.patterns = patterns.length === 0 ? [] : [new RuleSet(patterns)];
  }

  rulesFor({ name }: Principal): SourceRules {
    return [name === undefined ? this.anonymous : this.users.get(name), this.patterns];
  }
}
