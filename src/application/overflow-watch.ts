import type { SessionLimits } from '../domain/session/session-limits.js';
import type { Session } from '../domain/session/session.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { Clock } from './ports/clock.js';

/** How often overflows are told, in milliseconds. */
const TELL_MS = 1000;

/** Tells the audit trail of full queues: how many messages each has let go, never one by one. */
export class OverflowWatch {
  private readonly overflowing = new Set<Session>();
  /** Undefined while no queue overflows. */
  private stopTicks: (() => void) | undefined;

  /** @param limits Looked at each time, for what gives way when a queue is full. */
  constructor(
    private readonly audit: AuditRecorder,
    private readonly limits: Pick<SessionLimits, 'queuePolicy'>,
    private readonly clock: Clock,
  ) {}

  /** A session's queue has begun to let messages go. */
  began(session: Session): void {
    if (!this.audit.isOn) return;
    this.overflowing.add(session);
    this.stopTicks ??= this.clock.every(TELL_MS, () => this.tell());
  }

  /** Tells what was counted up to now. */
  tell(): void {
    this.stopTicks?.();
    this.stopTicks = undefined;
    for (const session of this.overflowing) {
      const { clientId, durable, key } = session;
      const count = session.overflow.take();
      if (count === 0) continue;
      this.audit.refused(
        'queue.overflowed',
        { clientId, session: durable ? key : undefined },
        { reason: this.limits.queuePolicy },
        count,
      );
    }
    this.overflowing.clear();
  }
}
