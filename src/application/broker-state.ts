import type { ClientId } from '../domain/client-id.js';
import { Counters } from '../domain/counters.js';
import { RetainedTree } from '../domain/retained/retained-tree.js';
import type { Session } from '../domain/session/session.js';
import type { RetainedIterator } from '../domain/session/retained-replays.js';
import { SubscriptionTrie } from '../domain/subscription/subscription-trie.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import { isServerTopic } from '../domain/topic/topic-name.js';
import type { ConnectedClient } from './connected-client.js';
import { NumberedMap } from './numbered-map.js';

/** The truth while the broker runs: everything that use cases read and change, in memory. */
export class BrokerState {
  readonly sessions = new NumberedMap<ClientId, Session>(({ key }) => key);
  readonly clients = new NumberedMap<ClientId, ConnectedClient>(({ connection }) => connection);
  readonly subscriptions = new SubscriptionTrie<Session>();
  /** What clients have published to be retained. */
  readonly retained = new RetainedTree();
  /** The broker's own figures, which are kept nowhere else. */
  readonly sysTopics = new RetainedTree();
  readonly counters = new Counters();
  /** The number that the next connection gets. */
  nextConnection = 1;
  /** Set once: no CONNECT is accepted any more. */
  isStopping = false;

  /** The messages that answer a new subscription. A filter reaches the broker's own topics only by name [MQTT-4.7.2-1]. */
  retainedFor(filter: TopicFilter): RetainedIterator {
    return (isServerTopic(filter) ? this.sysTopics : this.retained).match(filter);
  }
}
