import { type AccessAction, type AccessRule, filterFault } from './access-rule.js';
import { hasPlaceholder, type PlaceholderNames } from './placeholder-names.js';
import { RuleTrie } from './rule-trie.js';

/** Counts rule sets. */
let lastNumber = 0;

/** Rules that are asked together, compiled once for all clients that they concern. */
export class RuleSet {
  /** Tells it from every other one. */
  readonly number = ++lastNumber;
  /** Whether it is a different thing to each client. */
  readonly hasNames: boolean;
  private readonly denies: RuleTrie<AccessRule>;
  private readonly allows: RuleTrie<AccessRule>;

  /**
   * @param hasNames Whether `%c` and `%u` stand for names in the filters.
   * @throws Error when a filter is wrong: whoever took the rule in has to have checked it.
   */
  constructor(rules: readonly AccessRule[], { hasNames = true }: { readonly hasNames?: boolean } = {}) {
    this.hasNames = hasNames && rules.some(({ filter }) => hasPlaceholder(filter));
    this.denies = new RuleTrie(hasNames);
    this.allows = new RuleTrie(hasNames);
    for (const rule of rules) {
      const fault = filterFault(rule.filter, hasNames);
      if (fault !== undefined) throw new Error(`${rule.source}: ${fault}`);
      (rule.effect === 'deny' ? this.denies : this.allows).add(rule.filter, rule);
    }
  }

  /** A rule that denies all of a filter, or a topic. */
  denial(action: AccessAction, filter: string, names: PlaceholderNames): AccessRule | undefined {
    return firstOf(this.denies.covering(filter, names), (rule) => denies(rule, action));
  }

  /** A rule that denies some of a filter. */
  partialDenial(action: AccessAction, filter: string, names: PlaceholderNames): AccessRule | undefined {
    return firstOf(this.denies.overlapping(filter, names), (rule) => denies(rule, action));
  }

  /** The most generous rule that allows all of a filter, or a topic. */
  permission(action: AccessAction, filter: string, names: PlaceholderNames): AccessRule | undefined {
    let best: AccessRule | undefined;
    for (const rule of this.allows.covering(filter, names)) {
      if (!rule.actions.includes(action)) continue;
      if (best === undefined || qosMaxOf(rule) > qosMaxOf(best)) best = rule;
      if (qosMaxOf(best) === 2) break;
    }
    return best;
  }
}

/** The highest quality of service that an allowing rule allows. */
export function qosMaxOf({ qosMax }: AccessRule): 0 | 1 | 2 {
  return qosMax ?? 2;
}

/** What may not be subscribed to isn't to be had by a wider filter either. */
function denies({ actions }: AccessRule, action: AccessAction): boolean {
  return actions.includes(action) || (action === 'receive' && actions.includes('subscribe'));
}

function firstOf<V>(values: Iterable<V>, isIt: (value: V) => boolean): V | undefined {
  for (const value of values) if (isIt(value)) return value;
  return undefined;
}
