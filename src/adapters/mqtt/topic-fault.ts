import { type TopicLimits, withinTopicLimits } from '../../domain/topic/topic-name.js';

/** Why a topic name or filter was not taken: it can't be one, or it is over a limit. */
export function topicFault(raw: string, limits: TopicLimits): 'bad_topic' | 'topic_too_large' {
  return withinTopicLimits(raw, limits) ? 'bad_topic' : 'topic_too_large';
}
