import type { Message } from '../message.js';
import type { TopicFilter } from '../topic/topic-filter.js';

/** What one connected client may do; compiled when it connects, and asked without waiting. */
export interface AccessPolicy {
  mayPublish(message: Message): boolean;
  maySubscribe(filter: TopicFilter): boolean;
}

/** Refuses nothing. */
export const ALLOW_ALL: AccessPolicy = { mayPublish: () => true, maySubscribe: () => true };
