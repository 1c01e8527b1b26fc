import type { RuleProvider } from '../domain/access/access-rule.js';
import { NO_RULE, type SubscriptionRefusal } from '../domain/counters.js';
import { lowerQos, type QoS } from '../domain/qos.js';
import { SUBSCRIBE_FAILURE, type SubscribeCode } from '../domain/subscription/subscribe-code.js';
import type { Session } from '../domain/session/session.js';
import type { Subscription } from '../domain/subscription/subscription.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalPressure } from './journal-pressure.js';
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
    private readonly pressure: JournalPressure,
    private readonly audit: AuditRecorder,
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
      const { isAllowed, rule, provider, qosMax, isPartial } = client.access.decide({
        ...{ action: 'subscribe', topic: filter, qos },
      });
      this.state.counters.authorizations.add('subscribe', isAllowed ? 'allowed' : 'denied');
      if (!isAllowed) return this.deny(client, filter, rule, provider);
      if (this.isFull(client, filter))
        return this.refuse(client, filter, { reason: 'too_many_subscriptions' });
      const granted = lowerQos(qos, qosMax);
      if (isPartial) session.reach = client.access;
      made.push(this.add(session, filter, granted));
      this.audit.record('subscription.made', client.actor, { topic: filter, details: { qos: granted } });
      return granted;
    });
    const answer = (): void => {
      if (client.hasEnded) return;
      link.suback(packetId, codes);
      for (const subscription of made)
        session.replay(subscription, this.state.retainedFor(subscription.filter));
    };
    if (!session.durable || made.length === 0) answer();
    else this.store.subscribe(session, made).then(answer, () => link.close('store_unavailable'));
    this.pressure.holdForTrail(client);
  }

  private add(session: Session, filter: TopicFilter, qos: QoS): Subscription<Session> {
    const subscription = { subscriber: session, filter, qos };
    session.subscriptions.set(filter, subscription);
    this.state.subscriptions.add(subscription);
    return subscription;
  }

  private deny(
    client: ConnectedClient,
    filter: TopicFilter,
    rule: string,
    provider: RuleProvider | undefined,
  ): typeof SUBSCRIBE_FAILURE {
    this.state.counters.denials.add('subscribe', provider ?? NO_RULE);
    return this.refuse(client, filter, { reason: 'not_authorized', rule });
  }

  private refuse(
    { actor }: ConnectedClient,
    topic: TopicFilter,
    why: { readonly reason: SubscriptionRefusal; readonly rule?: string },
  ): typeof SUBSCRIBE_FAILURE {
    this.state.counters.subscriptionsRefused[why.reason]++;
    this.audit.refused('subscription.denied', actor, { ...why, topic });
    return SUBSCRIBE_FAILURE;
  }

  private isFull({ session, link }: ConnectedClient, filter: TopicFilter): boolean {
    const { subscriptions } = session;
    const max = link.subscriptionsMax ?? this.limits.subscriptionsPerSessionMax;
    return subscriptions.size >= max && !subscriptions.has(filter);
  }
}
