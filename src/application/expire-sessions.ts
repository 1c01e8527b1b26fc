import type { Session } from '../domain/session/session.js';
import type { BrokerState } from './broker-state.js';
import type { EndSession } from './end-session.js';
import type { Logger } from './ports/logger.js';

/** Ends durable sessions whose client has been away for too long. */
export class ExpireSessions {
  constructor(
    private readonly state: BrokerState,
    private readonly endSession: EndSession,
    private readonly logger: Logger,
    /** Looked at each time. Seconds away after which a session ends; 0 keeps every session. */
    private readonly settings: { readonly expirySeconds: number },
  ) {}

  /** One entry that fails doesn't stop the sweep. */
  sweep(nowMs: number): void {
    if (this.settings.expirySeconds === 0) return;
    for (const session of this.state.sessions.values()) {
      try {
        if (this.isOver(session, nowMs)) this.expire(session);
      } catch (error) {
        this.state.counters.internalErrors++;
        this.logger.error('a session could not be expired', {
          clientId: session.clientId,
          error: String(error),
        });
      }
    }
  }

  private isOver({ disconnectedAtMs }: Session, nowMs: number): boolean {
    const expiryMs = this.settings.expirySeconds * 1000;
    return disconnectedAtMs !== undefined && nowMs - disconnectedAtMs >= expiryMs; // [MQTT-4.1.0-2]
  }

  private expire(session: Session): void {
    this.endSession.end(session, { kind: 'session.expired', reason: 'client_away' });
    this.state.counters.sessionsExpired++;
    this.logger.info('session expired', { clientId: session.clientId });
  }
}
