import type { Clock } from '../../application/ports/clock.js';
import type { SessionStore } from '../../application/ports/session-store.js';
import type { Session } from '../../domain/session/session.js';
import type { Subscription } from '../../domain/subscription/subscription.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { GroupCommit } from './journal/group-commit.js';

/** Durable sessions in PostgreSQL, by way of the group commit. */
export class PostgresSessionStore implements SessionStore {
  /** Sessions of this run, with the promise that they are stored. */
  private readonly created = new WeakMap<Session, Promise<void>>();

  constructor(
    private readonly commit: GroupCommit,
    private readonly clock: Clock,
  ) {}

  ensure(session: Session): Promise<void> {
    const { changes } = this.commit;
    if (session.isRestored) {
      changes.presence.set(session.key, undefined);
      this.commit.changed();
      return Promise.resolve();
    }
    let created = this.created.get(session);
    if (created === undefined) {
      changes.sessions.set(session.key, { clientId: session.clientId, createdAtMs: this.clock.nowMs() });
      created = this.durable();
      this.created.set(session, created);
    } else {
      changes.presence.set(session.key, undefined);
      this.commit.changed();
    }
    return created;
  }

  leave(session: Session): void {
    this.commit.changes.presence.set(session.key, session.disconnectedAtMs);
    this.commit.changed();
  }

  delete(session: Session): void {
    const behindEntry = this.commit.entriesGathered;
    this.commit.changes.endedSessions.push({ key: session.key, behindEntry });
    this.commit.changed();
  }

  subscribe({ key }: Session, subscriptions: readonly Subscription<Session>[]): Promise<void> {
    for (const { filter, qos } of subscriptions) this.commit.changes.changeSubscription({ key, filter, qos });
    return this.durable();
  }

  unsubscribe({ key }: Session, filters: readonly TopicFilter[]): Promise<void> {
    for (const filter of filters) this.commit.changes.changeSubscription({ key, filter, qos: undefined });
    return this.durable();
  }

  private durable(): Promise<void> {
    return new Promise((resolve) => {
      this.commit.changes.await(resolve);
      this.commit.changed();
    });
  }
}
