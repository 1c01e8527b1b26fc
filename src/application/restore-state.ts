import { Session } from '../domain/session/session.js';
import type { DeliveryStore } from '../domain/session/delivery-store.js';
import type { BrokerState } from './broker-state.js';
import type { EndSession } from './end-session.js';
import type { Limits } from './limits.js';
import type { MessageTrail } from './message-trail.js';
import type { OverflowWatch } from './overflow-watch.js';
import type { Clock } from './ports/clock.js';
import type { StateSource, StoredSessionRow, StoredWill } from './ports/state-source.js';
import type { RouteMessage } from './route-message.js';

/** How much a restart found. */
export interface RestoredState {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly retainedMessages: number;
  /** Messages owed to sessions. */
  readonly messages: number;
  /** Wills of clients that the end of the broker cut off; they have been published. */
  readonly wills: number;
}

/** Brings the state of the last run back into memory, before the first client is let in. */
export class RestoreState {
  constructor(
    private readonly state: BrokerState,
    private readonly source: StateSource,
    private readonly store: DeliveryStore | undefined,
    private readonly useCases: {
      readonly router: RouteMessage;
      readonly endSession: EndSession;
      readonly overflows: OverflowWatch;
      readonly messages: MessageTrail;
    },
    private readonly settings: { readonly limits: Limits; readonly clock: Clock },
  ) {}

  /** @throws when the store can't be read. */
  async restore(): Promise<RestoredState> {
    let messages = 0;
    const { state } = this;
    for await (const rows of this.source.sessions()) {
      for (const row of rows) messages += this.restoreSession(row);
    }
    for await (const page of this.source.retained()) {
      for (const retained of page) state.retained.set(retained);
    }
    const wills = await this.source.wills();
    for (const will of wills) this.publish(will);
    return {
      sessions: state.sessions.size,
      subscriptions: state.subscriptions.size,
      retainedMessages: state.retained.size,
      messages,
      wills: wills.length,
    };
  }

  private restoreSession(row: StoredSessionRow): number {
    const { state, store } = this;
    const { limits, clock } = this.settings;
    const { key, clientId } = row;
    const session = new Session({
      ...{ key, clientId, durable: true, limits, counters: state.counters, store },
      onOverflow: (overflowing) => this.useCases.overflows.began(overflowing),
      traceReplay: (...replay) => this.useCases.messages.replaying(...replay),
    });
    session.disconnectedAtMs = row.disconnectedAtMs ?? clock.nowMs();
    for (const { filter, qos, isReplaying } of row.subscriptions) {
      const subscription = { subscriber: session, filter, qos };
      session.subscriptions.set(filter, subscription);
      state.subscriptions.add(subscription);
      if (isReplaying) session.replay([subscription], (topics) => state.retainedFor(topics));
    }
    session.isRestored = true;
    for (const packetId of row.receivedIds) session.receivedIds.note(packetId);
    session.restore(row.backlog, row.sentThrough);
    // A crash can leave a session that was ended beside the one that took its place: keys count upwards.
    const older = state.sessions.get(clientId);
    if (older !== undefined)
      this.useCases.endSession.end(older, { kind: 'session.deleted', reason: 'superseded' });
    state.sessions.set(clientId, session);
    return row.backlog?.messages ?? 0;
  }

  /** The client's connection ended without a DISCONNECT: when the broker did [MQTT-3.1.2-8]. */
  private publish({ connection, clientId, will }: StoredWill): void {
    this.state.nextConnection = Math.max(this.state.nextConnection, connection + 1);
    this.useCases.router.routeWill(will, connection, { clientId, reason: 'broker_ended' });
  }
}
