import type { Principal } from '../../domain/access/principal.js';

/** What a client may want to do. */
export interface AccessQuestion {
  readonly clientId: string;
  readonly principal: Principal;
  readonly action: 'publish' | 'subscribe';
  /** A topic name, or the filter of a subscription. */
  readonly topic: string;
}

/** What the rules say about it. */
export interface AccessAnswer {
  readonly isAllowed: boolean;
  /** The rule that decides, in the words that a refusal has in the audit trail, and where it stands. */
  readonly rule: string;
}

/** Tells the operator why a client may do something, or may not. */
export interface AccessExplainer {
  explain(question: AccessQuestion): AccessAnswer;
}
