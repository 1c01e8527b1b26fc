import type { ClientId } from '../client-id.js';
import type { AccessRule } from './access-rule.js';
import type { SourceRules } from './compiled-policy.js';
import type { Principal } from './principal.js';
import { NamedRules, type RuleBook } from './rule-book.js';
import { RuleSet } from './rule-set.js';

/** What roles may do, and who has them. */
export interface RoleContent {
  readonly rules: ReadonlyMap<string, readonly AccessRule[]>;
  /** The roles that everybody has. */
  readonly everyone: readonly string[];
  readonly users: ReadonlyMap<string, readonly string[]>;
  readonly clients: ReadonlyMap<string, readonly string[]>;
}

/** Whoever has more roles than this has them compiled to one, so that a topic is looked for once and not in each. */
const SEPARATE_ROLES_MAX = 16;
/** Combinations of roles that are kept so. */
const COMBINATIONS_MAX = 1000;

/** Rules of roles, for clients that have these by their user name, by their client id, or by what they have proved. */
export class RoleRules implements RuleBook {
  private readonly rules: NamedRules;
  private readonly combinations = new Map<string, RuleSet>();

  constructor(private readonly content: RoleContent) {
    this.rules = new NamedRules(content.rules);
  }

  rulesFor(principal: Principal, clientId: ClientId): SourceRules {
    const roles = [...this.rolesOf(principal, clientId)];
    if (roles.length > SEPARATE_ROLES_MAX) return [[this.combinationOf(roles.sort())]];
    return [roles.flatMap((role) => this.rules.get(role))];
  }

  private combinationOf(roles: readonly string[]): RuleSet {
    const key = JSON.stringify(roles);
    let set = this.combinations.get(key);
    if (set === undefined) {
      if (this.combinations.size >= COMBINATIONS_MAX) this.combinations.clear();
      set = new RuleSet(roles.flatMap((role) => this.content.rules.get(role) ?? []));
      this.combinations.set(key, set);
    }
    return set;
  }

  private rolesOf({ name, roles }: Principal, clientId: ClientId): ReadonlySet<string> {
    const { everyone, users, clients } = this.content;
    const ofUser = name === undefined ? [] : (users.get(name) ?? []);
    return new Set([...roles, ...ofUser, ...(clients.get(clientId) ?? []), ...everyone]);
  }
}
