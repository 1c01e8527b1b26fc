import type { AdminInbox } from './ports/admin-inbox.js';
import type { AuditTrail } from './ports/audit-trail.js';
import type { Logger } from './ports/logger.js';

/** Moves into the audit trail what was done from outside the broker: each action once, whatever happens meanwhile. */
export class RecordAdminActions {
  private readonly underWay = new Set<number>();
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

  /** Resolves when all that waited is handed to the trail; to be durable it takes the next commit. */
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
        const fresh = waiting.filter(({ id }) => !this.underWay.has(id));
        if (fresh.length > 0) this.isAskedAgain = true;
        else continue;
        for (const { id, event } of fresh) {
          this.underWay.add(id);
          this.trail.record(event);
        }
        const ids = fresh.map(({ id }) => id);
        await this.inbox.taken(ids);
        for (const id of ids) this.underWay.delete(id);
      } catch (error) {
        this.logger.warn('what was done from outside could not be read: it waits', { reason: String(error) });
      }
    }
  }
}
