import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalPressure } from './journal-pressure.js';
import type { SessionStore } from './ports/session-store.js';

/** An UNSUBSCRIBE from a client. */
export class UnsubscribeClient {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly pressure: JournalPressure,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * Removes the subscriptions with exactly these filters [MQTT-3.10.4-1]; others are passed over
   * [MQTT-3.10.4-5]. Deliveries already begun go on [MQTT-3.10.4-3]. UNSUBACK follows when it is
   * durable [MQTT-3.10.4-4] [MQTT-3.10.4-6].
   */
  unsubscribe(client: ConnectedClient, packetId: number, filters: readonly TopicFilter[]): void {
    const { session, link } = client;
    const removed = filters.filter((filter) => session.subscriptions.delete(filter));
    for (const filter of removed) {
      this.state.subscriptions.remove(session, filter); // [MQTT-3.10.4-2]
      this.audit.record('subscription.removed', client.actor, { topic: filter });
    }
    const answer = (): void => {
      if (!client.hasEnded) link.unsuback(packetId);
    };
    if (!session.durable || removed.length === 0) answer();
    else this.store.unsubscribe(session, removed).then(answer, () => link.close('store_unavailable'));
    this.pressure.holdForTrail(client);
  }
}
