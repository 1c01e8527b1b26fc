import type { AccessAnswer, AccessExplainer } from '../../application/ports/access-explainer.js';
import type { PolicySource } from '../../application/ports/policy-source.js';
import { type AccessPolicy, ALLOW_ALL } from '../../domain/access/access-policy.js';

/** Refuses nothing to those who were let in. */
export class OpenPolicySource implements PolicySource, AccessExplainer {
  policyFor(): AccessPolicy {
    return ALLOW_ALL;
  }

  explain(): AccessAnswer {
    return { isAllowed: true, rule: 'no rules are configured: everything is allowed' };
  }
}
