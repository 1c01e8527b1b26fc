import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { TopicName } from '../topic/topic-name.js';
import { type AccessAction, NO_DECIDER, type RuleProvider } from './access-rule.js';

/** Something that a client wants to do. */
export interface AccessRequest {
  /** `retain` and `will` ask for what a retained message and a will need beside `publish`, and for that as well. */
  readonly action: AccessAction;
  /** A topic name; for `subscribe` a filter. */
  readonly topic: string;
  readonly qos: QoS;
  /** Whether what is published is retained. */
  readonly retain?: boolean;
}

/** What the rules say about it. */
export interface AccessDecision {
  readonly isAllowed: boolean;
  /** The rule that decides and where it stands, in the words that the audit trail and `surety explain` have for it. */
  readonly rule: string;
  /** Whose rule that is; absent where no rule speaks of it. */
  readonly provider?: RuleProvider;
  /** The highest quality of service that is allowed. */
  readonly qosMax: QoS;
  /** Of a subscription: whether each topic that its filter matches has to be asked about at delivery. */
  readonly isPartial: boolean;
}

/** Tells which topics' messages a client may be sent. */
export interface Reach {
  mayReceive(topic: TopicName): boolean;
}

/** What one connected client may do; compiled when it connects, and asked without waiting. */
export interface AccessPolicy extends Reach {
  /**
   * Asked for each PUBLISH: remembers what it has found out.
   * @returns by whose rule it is allowed, as a place in `DECIDERS`; {@link DENIED} when it isn't.
   */
  publishAllowedBy(message: Message): number;
  /** The same and all else, with the rule that decides. */
  decide(request: AccessRequest): AccessDecision;
}

/** Stands for whoever allows something, where nobody does. */
export const DENIED = -1;

/** What is decided where there are no rules. */
const OPEN: AccessDecision = {
  isAllowed: true,
  rule: 'no rules are configured: everything is allowed',
  qosMax: 2,
  isPartial: false,
};

/** Refuses nothing. */
export const ALLOW_ALL: AccessPolicy = {
  publishAllowedBy: () => NO_DECIDER,
  mayReceive: () => true,
  decide: () => OPEN,
};
