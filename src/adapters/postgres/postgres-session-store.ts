import type { Clock } from '../../application/ports/clock.js';
import type { SessionStore } from '../../application/ports/session-store.js';
import type { AuditEvent } from '../../domain/audit/audit-event.js';
import type { StoredSession } from '../../domain/session/delivery-store.js';
import type { Session } from '../../domain/session/session.js';
import type { Subscription } from '../../domain/subscription/subscription.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { GroupCommit } from './journal/group-commit.js';

/** Durable sessions in PostgreSQL, by way of the group commit. */
export class PostgresSessionStore implements SessionStore {
  /** Sessions of this run that are stored, or will be with the next commit. */
  private readonly created = new WeakSet<Session>();

  constructor(
    private readonly commit: GroupCommit,
    private readonly clock: Clock,
  ) {}

  newKey(): number {
    return ++this.commit.lastSessionKey;
  }

  async ensure(session: Session): Promise<void> {
    const { changes } = this.commit;
    const isNew = !session.isRestored && !this.created.has(session);
    if (isNew) {
      this.created.add(session);
      changes.sessions.set(session.key, { clientId: session.clientId, createdAtMs: this.clock.nowMs() });
    } else {
      // Waited for: after a crash it tells that what is sent from now on may have been sent.
      changes.presence.set(session.key, { disconnectedAtMs: undefined, sentThrough: session.sentThrough });
    }
    await this.durable();
  }

  leave(session: Session): void {
    const { disconnectedAtMs, sentThrough } = session;
    this.commit.changes.presence.set(session.key, { disconnectedAtMs, sentThrough });
    this.commit.changed();
  }

  delete(session: Session, event: AuditEvent): void {
    const behindEntry = this.commit.entriesGathered;
    this.commit.changes.endedSessions.push({
      key: session.key,
      behindEntry,
      event: this.commit.gather(event),
    });
    this.commit.changed();
  }

  subscribe({ key }: Session, subscriptions: readonly Subscription<Session>[]): Promise<void> {
    for (const { filter, qos } of subscriptions)
      this.commit.changes.changeSubscription({ key, filter, qos, isReplaying: qos > 0 });
    return this.durable();
  }

  replayed({ key }: StoredSession, { filter, qos }: Subscription<unknown>): void {
    if (qos === 0) return;
    this.commit.changes.changeSubscription({ key, filter, qos, isReplaying: false });
    this.commit.changed();
  }

  unsubscribe({ key }: Session, filters: readonly TopicFilter[]): Promise<void> {
    for (const filter of filters)
      this.commit.changes.changeSubscription({ key, filter, qos: undefined, isReplaying: false });
    return this.durable();
  }

  private durable(): Promise<void> {
    return new Promise((resolve) => {
      this.commit.changes.await(resolve);
      this.commit.changed();
    });
  }
}
