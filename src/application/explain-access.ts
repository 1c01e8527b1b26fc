import { isServerTopic, parseTopicName, type TopicLimits } from '../domain/topic/topic-name.js';
import { parseTopicFilter } from '../domain/topic/topic-filter.js';
import type { ClientId } from '../domain/client-id.js';
import type { AccessAnswer, AccessExplainer, AccessQuestion } from './ports/access-explainer.js';
import type { PolicySource } from './ports/policy-source.js';

/** Tells what a client may do, and why, by all that decides about it when it asks. */
export class ExplainAccess implements AccessExplainer {
  constructor(
    private readonly policies: PolicySource,
    private readonly limits: TopicLimits,
  ) {}

  explain(question: AccessQuestion): AccessAnswer {
    const fault = this.faultOf(question);
    if (fault !== undefined) return { isAllowed: false, rule: fault, qosMax: 0, isPartial: false };
    const { principal, clientId, ...request } = question;
    return this.policies.policyFor(principal, clientId as ClientId).decide(request);
  }

  /** What no rule can allow. */
  private faultOf({ action, topic }: AccessQuestion): string | undefined {
    if (action === 'subscribe')
      return parseTopicFilter(topic, this.limits) === undefined
        ? 'it is not a valid topic filter'
        : undefined;
    const name = parseTopicName(topic, this.limits);
    if (name === undefined) return 'it is not a valid topic name';
    const isPublished = action !== 'receive';
    return isPublished && isServerTopic(name) ? 'the topic belongs to the server (server_topic)' : undefined;
  }
}
