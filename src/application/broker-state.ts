import type { ClientId } from '../domain/client-id.js';
import { Counters } from '../domain/counters.js';
import { RetainedTree } from '../domain/retained/retained-tree.js';
import type { Session } from '../domain/session/session.js';
import { SubscriptionTrie } from '../domain/subscription/subscription-trie.js';
import type { ConnectedClient } from './connected-client.js';
import { NumberedMap } from './numbered-map.js';

/** The truth while the broker runs: everything that use cases read and change, in memory. */
export class BrokerState {
  readonly sessions = new NumberedMap<ClientId, Session>(({ key }) => key);
  readonly clients = new NumberedMap<ClientId, ConnectedClient>(({ connection }) => connection);
  readonly subscriptions = new SubscriptionTrie<Session>();
  readonly retained = new RetainedTree();
  readonly counters = new Counters();
  /** The number that the next connection gets. */
  nextConnection = 1;
  /** The number that the next session gets. */
  nextSessionKey = 1;
  /** Set once: no CONNECT is accepted any more. */
  isStopping = false;
}
