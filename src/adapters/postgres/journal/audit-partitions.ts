import type { ChainedRecord } from '../../../domain/audit/audit-chain.js';
import type { Sql } from '../connect.js';

/** Makes the monthly partitions of the trail, ahead of the records that go there. */
export class AuditPartitions {
  /** Partitions are known to be there for the records from here on, */
  private fromMs = Infinity;
  /** and before there. Milliseconds since the epoch. */
  private beforeMs = -Infinity;

  /** Makes the partitions of these records' months and of the month that follows, unless they are known to be there. */
  async cover(sql: Sql, records: readonly ChainedRecord[]): Promise<void> {
    for (const { record } of records) {
      if (record.atMs < this.fromMs || record.atMs >= this.beforeMs) await this.makeAround(sql, record.atMs);
    }
  }

  /** A write has failed: it may have missed a partition that was dropped. */
  forget(): void {
    this.fromMs = Infinity;
    this.beforeMs = -Infinity;
  }

  private async makeAround(sql: Sql, atMs: number): Promise<void> {
    const at = new Date(atMs);
    const month = (offset: number): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + offset);
    for (const firstMs of [month(1), month(0)]) {
      await sql`select surety.make_audit_partition(${new Date(firstMs).toISOString().slice(0, 10)}::date)`;
    }
    this.fromMs = month(0);
    // The month that follows is there, but only within it is the one behind that made.
    this.beforeMs = month(1);
  }
}
