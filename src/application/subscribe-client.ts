import type { QoS } from '../domain/qos.js';
import { SUBSCRIBE_FAILURE, type SubscribeCode } from '../domain/subscription/subscribe-code.js';
import type { Session } from '../domain/session/session.js';
import type { Subscription } from '../domain/subscription/subscription.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { Limits } from './limits.js';
import type { SessionStore } from './ports/session-store.js';

/** One filter of a SUBSCRIBE, with the quality that is asked for. */
export interface SubscriptionRequest {
  readonly filter: TopicFilter;
  readonly qos: QoS;
}

/** A SUBSCRIBE from a client. */
export class SubscribeClient {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly limits: Limits,
  ) {}

  /**
   * Makes the subscriptions in the order of the packet, each as though it came alone [MQTT-3.8.4-4].
   * SUBACK follows when they are durable, with a code for each filter, in order [MQTT-3.8.4-1]
   * [MQTT-3.8.4-5] [MQTT-3.9.3-1]; then the retained messages that they match [MQTT-3.8.4-3].
   */
  subscribe(client: ConnectedClient, packetId: number, requests: readonly SubscriptionRequest[]): void {
    const { session, link } = client;
    const made: Subscription<Session>[] = [];
    const codes = requests.map(({ filter, qos }): SubscribeCode => {
      if (!client.access.maySubscribe(filter) || this.isFull(session, filter)) return SUBSCRIBE_FAILURE;
      made.push(this.add(session, filter, qos));
      return qos;
    });
    const answer = (): void => {
      if (client.hasEnded) return;
      link.suback(packetId, codes);
      for (const subscription of made)
        session.replay(subscription, this.state.retained.match(subscription.filter));
    };
    if (!session.durable || made.length === 0) answer();
    else this.store.subscribe(session, made).then(answer, () => link.close('store_unavailable'));
  }

  private add(session: Session, filter: TopicFilter, qos: QoS): Subscription<Session> {
    const subscription = { subscriber: session, filter, qos };
    session.subscriptions.set(filter, subscription);
    this.state.subscriptions.add(subscription);
    return subscription;
  }

  private isFull(session: Session, filter: TopicFilter): boolean {
    const { subscriptions } = session;
    return subscriptions.size >= this.limits.subscriptionsPerSessionMax && !subscriptions.has(filter);
  }
}
