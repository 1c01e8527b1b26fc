import { type AccessPolicy, ALLOW_ALL, DENIED } from '../../src/domain/access/access-policy.js';
import { NO_DECIDER } from '../../src/domain/access/access-rule.js';

/** What a policy is to refuse; all else is allowed. */
export interface MadeUpRefusals {
  readonly publish?: (topic: string) => boolean;
  readonly subscribe?: (filter: string) => boolean;
}

/** The words for each refusal. */
const MADE_UP_RULE = 'deny all # (made up)';

/** A policy that says no where a test wants it to. */
export function madeUpPolicy({
  publish = () => false,
  subscribe = () => false,
}: MadeUpRefusals): AccessPolicy {
  return {
    publishAllowedBy: ({ topic }) => (publish(topic) ? DENIED : NO_DECIDER),
    mayReceive: () => true,
    decide: (request) => {
      const { action, topic } = request;
      const isRefused = action === 'subscribe' ? subscribe(topic) : action !== 'receive' && publish(topic);
      return isRefused
        ? { isAllowed: false, rule: MADE_UP_RULE, qosMax: 0, isPartial: false }
        : ALLOW_ALL.decide(request);
    },
  };
}
