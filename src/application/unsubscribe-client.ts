import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalPressure } from './journal-pressure.js';
import type { SessionStore } from './ports/session-store.js';
import { begin, FILTERS_A_STEP, type Steps } from './steps.js';

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
   * @returns what is left to do of very many filters; if the connection ends before, it is left undone.
   */
  unsubscribe(client: ConnectedClient, packetId: number, filters: readonly TopicFilter[]): Steps | undefined {
    return begin(this.steps(client, packetId, filters));
  }

  private *steps(
    client: ConnectedClient,
    packetId: number,
    filters: readonly TopicFilter[],
  ): Generator<undefined, void> {
    const { session, link } = client;
    let stored: Promise<void> | undefined;
    for (let from = 0; from < filters.length; from += FILTERS_A_STEP) {
      if (from > 0) yield;
      if (client.hasEnded) return;
      const removed = this.remove(client, filters.slice(from, from + FILTERS_A_STEP));
      if (session.durable && removed.length > 0) {
        stored = this.store.unsubscribe(session, removed);
        stored.catch(() => link.close('store_unavailable'));
      }
      this.audit.seal();
      this.pressure.holdForTrail(client);
    }
    const answer = (): void => {
      if (!client.hasEnded) link.unsuback(packetId);
    };
    if (stored === undefined) answer();
    // Those before are durable when the last ones are.
    else stored.then(answer, () => undefined);
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
