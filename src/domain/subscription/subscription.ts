import type { QoS } from '../qos.js';
import type { TopicFilter } from '../topic/topic-filter.js';

/** One filter of one subscriber, with the quality that was granted. */
export interface Subscription<S> {
  readonly subscriber: S;
  readonly filter: TopicFilter;
  readonly qos: QoS;
}
