import type { AdminInbox } from './ports/admin-inbox.js';
import type { AuditTrail } from './ports/audit-trail.js';
import type { Logger } from './ports/logger.js';

/** Moves into the audit trail what was done from outside the broker: each action once, as no two reads go on at a time. */
export class RecordAdminActions {
  private reading: Promise<void> | undefined;
  private isAskedAgain = false;

  constructor(
    private readonly inbox: AdminInbox,
    private readonly trail: AuditTrail,
    private readonly logger: Logger,
  ) {}

  /** Takes what waits now, and whatever comes. */
  async start(): Promise<void> {
    this.inbox.onNotice(() => void this.look());
    await this.look();
  }

  /** Resolves when the trail has all that waited, durably, or when it could not be read. */
  async look(): Promise<void> {
    this.isAskedAgain = true;
    this.reading ??= this.readAll().finally(() => (this.reading = undefined));
    await this.reading;
  }

  private async readAll(): Promise<void> {
    while (this.isAskedAgain) {
      this.isAskedAgain = false;
      try {
        const waiting = await this.inbox.waiting();
        if (waiting.length === 0) continue;
        this.isAskedAgain = true;
        for (const { event } of waiting) this.trail.record(event);
        await this.inbox.taken(waiting.map(({ id }) => id));
      } catch (error) {
        this.logger.warn('what was done from outside could not be read: it waits', { reason: String(error) });
      }
    }
  }
}
