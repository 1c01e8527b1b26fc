import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import { FilterSteps } from './filter-steps.js';
import type { JournalPressure } from './journal-pressure.js';
import type { SessionStore } from './ports/session-store.js';
import { begin, type Steps } from './steps.js';

/** An UNSUBSCRIBE from a client. */
export class UnsubscribeClient {
  private readonly filterSteps: FilterSteps;

  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    pressure: JournalPressure,
    private readonly audit: AuditRecorder,
  ) {
    this.filterSteps = new FilterSteps(pressure, audit);
  }

  /**
   * Removes the subscriptions with exactly these filters [MQTT-3.10.4-1]; others are passed over
   * [MQTT-3.10.4-5]. Deliveries already begun go on [MQTT-3.10.4-3]. UNSUBACK follows when it is
   * durable [MQTT-3.10.4-4] [MQTT-3.10.4-6].
   * @returns what is left to do of very many filters; if the connection ends before, it is left undone.
   */
  unsubscribe(client: ConnectedClient, packetId: number, filters: readonly TopicFilter[]): Steps | undefined {
    const { session, link } = client;
    const steps = this.filterSteps.of(client, filters, {
      change: (some) => {
        const removed = this.remove(client, some);
        return session.durable && removed.length > 0 ? this.store.unsubscribe(session, removed) : undefined;
      },
      answer: () => link.unsuback(packetId),
    });
    return begin(steps);
  }

  /** @returns those that were there. */
  private remove({ actor, session }: ConnectedClient, filters: readonly TopicFilter[]): TopicFilter[] {
    const removed = filters.filter((filter) => session.subscriptions.delete(filter));
    for (const filter of removed) {
      this.state.subscriptions.remove(session, filter); // [MQTT-3.10.4-2]
      this.audit.record('subscription.removed', actor, { topic: filter });
    }
    return removed;
  }
}
