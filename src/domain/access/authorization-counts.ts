import type { AccessDecision } from './access-policy.js';
import { deciderOf, DECIDERS } from './access-rule.js';

/** What clients ask leave for. What comes with it, as a retained message does, isn't counted by itself. */
const ACTIONS = ['publish', 'subscribe', 'will'] as const;
const RESULTS = ['allowed', 'denied'] as const;

/** Decisions on what clients may do, by action, by whose rule decided, and by result. */
export class AuthorizationCounts {
  readonly publish = newDecisions();
  readonly subscribe = newDecisions();
  readonly will = newDecisions();

  /** Not for publishes that are allowed: there are too many to look for the rule of each. */
  add(action: (typeof ACTIONS)[number], { isAllowed, provider }: AccessDecision): void {
    const counts = this[action][isAllowed ? 'allowed' : 'denied'];
    (counts[deciderOf(provider)] as number)++;
  }

  *entries(): Generator<readonly [action: string, provider: string, result: string, count: number]> {
    for (const action of ACTIONS)
      for (const result of RESULTS)
        for (const [index, provider] of DECIDERS.entries())
          yield [action, provider, result, this[action][result][index] as number];
  }
}

/** Counts by the places of {@link DECIDERS}. Arrays of doubles, as millions a second soon go past 32 bits. */
function newDecisions(): Readonly<Record<(typeof RESULTS)[number], Float64Array>> {
  return { allowed: new Float64Array(DECIDERS.length), denied: new Float64Array(DECIDERS.length) };
}
