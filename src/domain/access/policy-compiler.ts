import type { ClientId } from '../client-id.js';
import { type AccessPolicy, ALLOW_ALL } from './access-policy.js';
import { CompiledPolicy, type SourceRules } from './compiled-policy.js';
import { PlaceholderNames } from './placeholder-names.js';
import type { Principal } from './principal.js';
import type { RuleBook } from './rule-book.js';
import { RuleSet } from './rule-set.js';

/** Topics that the policy of one client remembers, and that one which many clients share does. */
const OWN_TOPICS_MAX = 500;
const SHARED_TOPICS_MAX = 50_000;
/** Policies that are shared at a time. */
const SHARED_MAX = 2000;

/** Makes the policies of clients from the rules of all sources; clients with the same rules share one. */
export class PolicyCompiler {
  private readonly shared = new Map<string, CompiledPolicy>();

  /** @param isRestricted Whether clients for whom nobody has rules may do nothing; else they may do everything. */
  constructor(
    private readonly books: readonly RuleBook[],
    private readonly isRestricted: boolean,
  ) {}

  policyFor(principal: Principal, clientId: ClientId): AccessPolicy {
    const { name, roles, rules } = principal;
    // Whoever vouches for roles or rules has said what the client may do.
    if (!this.isRestricted && rules === undefined && roles.length === 0) return ALLOW_ALL;
    const sources = this.books.map((book) => book.rulesFor(principal, clientId));
    if (rules !== undefined) sources.push([[new RuleSet(rules)]]);
    const sets = sources.flat(2);
    const names = new PlaceholderNames(clientId, name);
    const isOwn = rules !== undefined || sets.some(({ hasNames }) => hasNames);
    return isOwn ? new CompiledPolicy(sources, names, OWN_TOPICS_MAX) : this.share(sources);
  }

  private share(sources: readonly SourceRules[]): CompiledPolicy {
    const key = keyOf(sources);
    let policy = this.shared.get(key);
    if (policy === undefined) {
      if (this.shared.size >= SHARED_MAX) this.shared.clear();
      policy = new CompiledPolicy(sources, NOBODY, SHARED_TOPICS_MAX);
      this.shared.set(key, policy);
    }
    return policy;
  }
}

/** The numbers of the rule sets, source by source and layer by layer. Made for each client that connects. */
function keyOf(sources: readonly SourceRules[]): string {
  let key = '';
  for (const layers of sources) {
    for (const sets of layers) {
      for (const { number } of sets) key += `${number} `;
      key += ',';
    }
    key += ';';
  }
  return key;
}

/** Names for rules that have none in them. */
const NOBODY = new PlaceholderNames('', undefined);
