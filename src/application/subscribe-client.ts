import { NO_RULE, type SubscriptionRefusal } from '../domain/counters.js';
import { lowerQos, type QoS } from '../domain/qos.js';
import { SUBSCRIBE_FAILURE, type SubscribeCode } from '../domain/subscription/subscribe-code.js';
import type { Session } from '../domain/session/session.js';
import type { Subscription } from '../domain/subscription/subscription.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import { FilterSteps } from './filter-steps.js';
import type { JournalPressure } from './journal-pressure.js';
import type { Limits } from './limits.js';
import type { SessionStore } from './ports/session-store.js';
import { begin, type Steps } from './steps.js';

/** One filter of a SUBSCRIBE, with the quality that is asked for. */
export interface SubscriptionRequest {
  readonly filter: TopicFilter;
  readonly qos: QoS;
}

/** What has become of the filters of a SUBSCRIBE, so far. */
interface Outcome {
  readonly codes: SubscribeCode[];
  readonly made: Subscription<Session>[];
}

/** A SUBSCRIBE from a client. */
export class SubscribeClient {
  private readonly filterSteps: FilterSteps;

  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly limits: Limits,
    pressure: JournalPressure,
    private readonly audit: AuditRecorder,
  ) {
    this.filterSteps = new FilterSteps(pressure, audit);
  }

  /**
   * Makes the subscriptions in the order of the packet, each as though it came alone [MQTT-3.8.4-4].
   * SUBACK follows when they are durable, with a code for each filter, in order [MQTT-3.8.4-1]
   * [MQTT-3.8.4-5] [MQTT-3.9.3-1]; then the retained messages that they match [MQTT-3.8.4-3].
   * @returns what is left to do of very many filters; if the connection ends before, it is left undone.
   */
  subscribe(
    client: ConnectedClient,
    packetId: number,
    requests: readonly SubscriptionRequest[],
  ): Steps | undefined {
    const { session } = client;
    const outcome: Outcome = { codes: [], made: [] };
    const steps = this.filterSteps.of(client, requests, {
      change: (some) => {
        const before = outcome.made.length;
        for (const request of some) outcome.codes.push(this.make(client, request, outcome.made));
        const made = outcome.made.slice(before);
        return session.durable && made.length > 0 ? this.store.subscribe(session, made) : undefined;
      },
      answer: () => this.answer(client, packetId, outcome),
    });
    return begin(steps);
  }

  /** Makes a subscription, unless it is refused. @param made What is made is added to these. @returns the code that answers it. */
  private make(
    client: ConnectedClient,
    { filter, qos }: SubscriptionRequest,
    made: Subscription<Session>[],
  ): SubscribeCode {
    const { access, actor, session } = client;
    const decision = access.decide({ action: 'subscribe', topic: filter, qos });
    const { isAllowed, rule, provider = NO_RULE, qosMax, isPartial } = decision;
    const { authorizations, denials } = this.state.counters;
    authorizations.add('subscribe', isAllowed ? 'allowed' : 'denied');
    if (!isAllowed) {
      denials.add('subscribe', provider);
      return this.refuse(client, filter, { reason: 'not_authorized', rule });
    }
    if (this.isFull(client, filter)) return this.refuse(client, filter, { reason: 'too_many_subscriptions' });
    const granted = lowerQos(qos, qosMax);
    if (isPartial) session.reach = access;
    made.push(this.add(session, filter, granted));
    this.audit.record('subscription.made', actor, { topic: filter, details: { qos: granted } });
    return granted;
  }

  private answer(client: ConnectedClient, packetId: number, { codes, made }: Outcome): void {
    const { link, session } = client;
    link.suback(packetId, codes);
    for (const subscription of made)
      session.replay(subscription, this.state.retainedFor(subscription.filter));
  }

  private add(session: Session, filter: TopicFilter, qos: QoS): Subscription<Session> {
    const subscription = { subscriber: session, filter, qos };
    session.subscriptions.set(filter, subscription);
    this.state.subscriptions.add(subscription);
    return subscription;
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
