import type { ClientId } from '../client-id.js';
import type { AccessRule } from './access-rule.js';
import type { SourceRules } from './compiled-policy.js';
import type { Principal } from './principal.js';
import { NamedRules, type RuleBook } from './rule-book.js';
import type { RuleSet } from './rule-set.js';

/** What roles may do, and who has them. */
export interface RoleContent {
  readonly rules: ReadonlyMap<string, readonly AccessRule[]>;
  /** The roles that everybody has. */
  readonly everyone: readonly string[];
  readonly users: ReadonlyMap<string, readonly string[]>;
  readonly clients: ReadonlyMap<string, readonly string[]>;
}

/** Rules of roles, for clients that have these by their user name, by their client id, or by what they have proved. */
export class RoleRules implements RuleBook {
  private readonly rules: NamedRules;

  constructor(private readonly content: RoleContent) {
    this.rules = new NamedRules(content.rules);
  }

  rulesFor(principal: Principal, clientId: ClientId): SourceRules {
    const sets: RuleSet[] = [];
    for (const role of this.rolesOf(principal, clientId)) sets.push(...this.rules.get(role));
    return [sets];
  }

  private rolesOf({ name, roles }: Principal, clientId: ClientId): ReadonlySet<string> {
    const { everyone, users, clients } = this.content;
    const ofUser = name === undefined ? [] : (users.get(name) ?? []);
    return new Set([...roles, ...ofUser, ...(clients.get(clientId) ?? []), ...everyone]);
  }
}
