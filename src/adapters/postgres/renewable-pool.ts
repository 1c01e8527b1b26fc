import postgres from 'postgres';
import { openPool, type Sql } from './connect.js';
import type { DatabaseAddress } from './database-address.js';

/** What a query that is under way has at the end. */
const END_SECONDS_MAX = 1;

/**
 * A pool for work that goes on for as long as the broker does. The driver goes on using a connection that it
 * has lost with what was left in its buffers: the next query on it may never be sent, or give rows with
 * holes. So a pool on which something failed is not used again.
 */
export class RenewablePool {
  private sql: Sql;

  constructor(
    private readonly address: DatabaseAddress,
    private readonly connectionsMax: number,
  ) {
    this.sql = this.open();
  }

  get current(): Sql {
    return this.sql;
  }

  /** Gives up the pool on which something failed, unless that has been done. */
  giveUp(failed: Sql): void {
    if (failed !== this.sql) return;
    this.sql = this.open();
    void this.close(failed);
  }

  /** Asks something. @throws what the query throws; the pool is then given up, unless its connection still serves. */
  async use<T>(query: (sql: Sql) => PromiseLike<T>): Promise<T> {
    const { sql } = this;
    try {
      return await query(sql);
    } catch (error) {
      if (!isRefusal(error)) this.giveUp(sql);
      throw error;
    }
  }

  /**
   * Asks for something, and changes nothing: that a connection was lost shows when it is used next, and then it is asked
   * once more by another one. @throws what the query throws the second time, or what the server refuses.
   */
  async read<T>(query: (sql: Sql) => PromiseLike<T>): Promise<T> {
    try {
      return await this.use(query);
    } catch (error) {
      if (isRefusal(error)) throw error;
      return await this.use(query);
    }
  }

  /**
   * Lets what is under way come to its end first, as its answer may be awaited: a login or a page of a backlog. What
   * takes longer fails.
   */
  async end(): Promise<void> {
    await this.sql.end({ timeout: END_SECONDS_MAX }).catch(() => undefined);
  }

  private open(): Sql {
    return openPool(this.address, { max: this.connectionsMax });
  }

  private async close(sql: Sql): Promise<void> {
    await sql.end({ timeout: 0 }).catch(() => undefined);
  }
}

/** Whether the server has answered properly that it can't; others may have queries under way in the same pool. */
function isRefusal(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.severity === 'ERROR';
}
