import { type AccessPolicy, ALLOW_ALL } from '../../src/domain/access/access-policy.js';

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
    mayPublish: ({ topic }) => !publish(topic),
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
