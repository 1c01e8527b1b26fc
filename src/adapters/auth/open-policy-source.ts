import type { PolicySource } from '../../application/ports/policy-source.js';
import { type AccessPolicy, ALLOW_ALL } from '../../domain/access/access-policy.js';

/** Refuses nothing to those who were let in. */
export class OpenPolicySource implements PolicySource {
  policyFor(): AccessPolicy {
    return ALLOW_ALL;
  }
}
