import type { ClientId } from '../client-id.js';
import type { AccessRule } from './access-rule.js';
import type { SourceRules } from './compiled-policy.js';
import type { Principal } from './principal.js';
import { RuleSet } from './rule-set.js';

/** All rules of one source. It never changes: a source that is read anew gives another. */
export interface RuleBook {
  /** The rules that concern a client. */
  rulesFor(principal: Principal, clientId: ClientId): SourceRules;
}

/** Rules by the name that they concern. Each name's are compiled when they are asked for first. */
export class NamedRules {
  private readonly compiled = new Map<string, RuleSet>();

  /** @param hasNames Whether `%c` and `%u` stand for names in the filters. */
  constructor(
    private readonly rules: ReadonlyMap<string, readonly AccessRule[]>,
    private readonly hasNames = true,
  ) {}

  /** None for a name without rules. */
  get(name: string): readonly RuleSet[] {
    const rules = this.rules.get(name);
    if (rules === undefined || rules.length === 0) return [];
    let set = this.compiled.get(name);
    if (set === undefined) {
      set = new RuleSet(rules, { hasNames: this.hasNames });
      this.compiled.set(name, set);
    }
    return [set];
  }
}
