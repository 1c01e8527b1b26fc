import type { AccessDecision, AccessRequest } from '../../domain/access/access-policy.js';
import type { Principal } from '../../domain/access/principal.js';

/** What a client may want to do. */
export interface AccessQuestion extends AccessRequest {
  readonly clientId: string;
  readonly principal: Principal;
}

/** Tells what a client may do, and why. */
export interface AccessExplainer {
  explain(question: AccessQuestion): AccessAnswer;
}

/** What the rules say about it: the rule in the words that a refusal has in the audit trail, and where it stands. */
export type AccessAnswer = AccessDecision;
