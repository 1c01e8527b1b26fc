import type { Logger } from '../../../application/ports/logger.js';

/** A database that takes longer to answer counts as away. Milliseconds. */
const ANSWER_MS_MAX = 3000;

/** Whether the database is there, as far as its answers tell; says so when that changes. */
export class DatabaseHealth {
  /** Why it is away; undefined while it is there. */
  failure: string | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly logger: Logger) {}

  /** Calls the listener each time that it goes away. */
  onFailure(listener: () => void): void {
    this.listeners.push(listener);
  }

  failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const isNews = this.failure === undefined;
    this.failure = reason;
    if (!isNews) return;
    this.logger.error('the database is away: durable changes wait for it', { reason });
    for (const listener of this.listeners) listener();
  }

  /** Takes a database that doesn't answer in time for one that is away, until it does. @throws what the answer throws. */
  async watched(answer: PromiseLike<unknown>): Promise<void> {
    const seconds = ANSWER_MS_MAX / 1000;
    const late = (): void => this.failed(new Error(`the database has not answered for ${seconds} s`));
    const timer = setTimeout(late, ANSWER_MS_MAX);
    try {
      await answer;
      this.recovered();
    } finally {
      clearTimeout(timer);
    }
  }

  private recovered(): void {
    if (this.failure === undefined) return;
    this.failure = undefined;
    this.logger.warn('the database is back');
  }
}
