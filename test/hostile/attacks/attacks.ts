import type { Attack } from '../peer.js';
import { dribblers, halfOpen, reconnectStorm, takeoverStorm } from './connections.js';
import { pingFlood, publishFlood, retainedFlood, subscribeChurn, subscriptionFlood } from './floods.js';
import { malformed } from './malformed.js';
import { neverReading } from './readers.js';
import { deepWildcards, giantTopics } from './topics.js';

/** All attacks, in the order in which they are made. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'half-open': halfOpen,
  dribblers,
  'flood-qos-0': publishFlood(0),
  'flood-qos-1': publishFlood(1),
  'flood-qos-2': publishFlood(2),
  'flood-ping': pingFlood,
  'subscribe-churn': subscribeChurn,
  'subscription-flood': subscriptionFlood,
  'giant-topics': giantTopics,
  'deep-wildcards': deepWildcards,
  'retained-flood': retainedFlood,
  'takeover-storm': takeoverStorm,
  'reconnect-storm': reconnectStorm,
  'never-reading': neverReading,
  malformed,
};
