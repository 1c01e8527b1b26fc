import type { AuditActor } from '../domain/audit/audit-event.js';
import type { Session } from '../domain/session/session.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { SessionStore } from './ports/session-store.js';

/** Why a session ends, and who had it end, if that is known. */
export interface SessionEnd {
  readonly kind: 'session.deleted' | 'session.expired';
  readonly reason: string;
  readonly actor?: AuditActor;
}

/** Throws a session away with all that it holds; retained messages are no part of it [MQTT-3.1.2-7]. */
export class EndSession {
  constructor(
    private readonly state: BrokerState,
    private readonly store: SessionStore,
    private readonly audit: AuditRecorder,
  ) {}

  end(session: Session, { kind, reason, actor }: SessionEnd): void {
    this.state.subscriptions.removeAll(session, session.subscriptions.keys());
    session.subscriptions.clear();
    this.state.counters.dropped.session_ended += session.owedCount;
    session.end();
    if (this.state.sessions.get(session.clientId) === session) this.state.sessions.delete(session.clientId);
    if (!session.durable) return;
    const { clientId, key } = session;
    this.store.delete(session, this.audit.event(kind, { clientId, ...actor, session: key }, { reason }));
  }
}
