import { parseTopicFilter } from '../domain/topic/topic-filter.js';
import { isServerTopic, parseTopicName, type TopicLimits } from '../domain/topic/topic-name.js';
import type { AccessAnswer, AccessExplainer, AccessQuestion } from './ports/access-explainer.js';

/** Tells what a client may do, and why, by all that decides about it when it asks. */
export class ExplainAccess {
  constructor(
    private readonly rules: AccessExplainer,
    private readonly limits: TopicLimits,
  ) {}

  explain(question: AccessQuestion): AccessAnswer {
    return this.beforeRules(question) ?? this.rules.explain(question);
  }

  private beforeRules({ action, topic }: AccessQuestion): AccessAnswer | undefined {
    if (action === 'subscribe') {
      return parseTopicFilter(topic, this.limits) === undefined
        ? refusal('it is not a valid topic filter')
        : undefined;
    }
    const name = parseTopicName(topic, this.limits);
    if (name === undefined) return refusal('it is not a valid topic name');
    return isServerTopic(name) ? refusal('the topic belongs to the server (server_topic)') : undefined;
  }
}

function refusal(rule: string): AccessAnswer {
  return { isAllowed: false, rule };
}
