import { type AccessDecision, ALLOW_ALL } from '../domain/access/access-policy.js';
import type { Session } from '../domain/session/session.js';
import type { Subscription } from '../domain/subscription/subscription.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { SessionStore } from './ports/session-store.js';

/** Brings the subscriptions of a connected client into line with what it may do now. */
export class ReviewSubscriptions {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly audit: AuditRecorder,
  ) {}

  /** Removes what the client may not have any more, lowers what it may have at a lower quality, and notes what has to be held back. */
  review(client: ConnectedClient): void {
    const { access, session } = client;
    session.reach = undefined;
    if (access === ALLOW_ALL) return;
    // What it is owed may have come by other subscriptions, and under other rules.
    let isPartial = session.owedCount > 0;
    for (const subscription of session.subscriptions.values()) {
      const { filter, qos } = subscription;
      const decision = access.decide({ action: 'subscribe', topic: filter, qos });
      isPartial ||= decision.isPartial;
      if (!decision.isAllowed) this.remove(client, subscription, decision);
      else if (qos > decision.qosMax) this.lower(client, subscription, decision);
    }
    if (isPartial) session.reach = access;
  }

  private remove(
    { actor, link, session }: ConnectedClient,
    { filter }: Subscription<Session>,
    { rule }: AccessDecision,
  ): void {
    session.subscriptions.delete(filter);
    this.state.subscriptions.remove(session, filter);
    this.audit.record('subscription.removed', actor, { reason: 'not_authorized', rule, topic: filter });
    if (session.durable)
      this.store.unsubscribe(session, [filter]).catch(() => link.close('store_unavailable'));
  }

  private lower(
    { actor, link, session }: ConnectedClient,
    { filter }: Subscription<Session>,
    { rule, qosMax: qos }: AccessDecision,
  ): void {
    const lowered = { subscriber: session, filter, qos };
    session.subscriptions.set(filter, lowered);
    this.state.subscriptions.add(lowered);
    this.audit.record('subscription.made', actor, {
      ...{ reason: 'qos_limited', rule, topic: filter, details: { qos } },
    });
    if (!session.durable) return;
    this.store.subscribe(session, [lowered]).catch(() => link.close('store_unavailable'));
    // It has had its retained messages before.
    this.store.replayed(session, lowered);
  }
}
