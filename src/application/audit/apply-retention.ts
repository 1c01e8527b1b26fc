import type { AuditPartition, AuditPartitionContent, AuditPartitions } from '../ports/audit-partitions.js';
import type { AuditTrail } from '../ports/audit-trail.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { WriteCheckpoints } from './write-checkpoints.js';

export interface ApplyRetentionParts {
  readonly trail: AuditTrail;
  readonly partitions: AuditPartitions;
  readonly checkpoints: Pick<WriteCheckpoints, 'cover'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 keeps everything. */
  readonly retentionDays: number;
}

const TICK_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Drops whole months whose records are past their age. Before a month goes, a record says what went and with which
 * hash it ended, and a checkpoint vouches for that record: what remains can be verified from there.
 */
export class ApplyRetention {
  private stopTicks: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;
  /** The month that a record has told of, but which could not be dropped yet. */
  private announced: string | undefined;

  constructor(private readonly parts: ApplyRetentionParts) {}

  /** Looks now and every hour. */
  start(): void {
    if (this.parts.retentionDays === 0) return;
    this.stopTicks = this.parts.clock.every(TICK_MS, () => void this.apply());
    void this.apply();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopTicks();
    await this.running;
  }

  /** Drops what is past its age. Resolves when that is done, or is left for the next time. */
  apply(): Promise<void> {
    this.running ??= this.dropAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async dropAll(): Promise<void> {
    const { clock, logger, partitions, retentionDays } = this.parts;
    try {
      while (!this.isStopped) {
        const oldest = await partitions.oldestEndedBy(clock.nowMs() - retentionDays * DAY_MS);
        if (oldest === undefined || !(await this.drop(oldest))) return;
      }
    } catch (error) {
      logger.warn('a month of the audit trail could not be dropped yet: it is tried again in an hour', {
        reason: String(error),
      });
    }
  }

  /** @returns false when it has to wait. */
  private async drop({ name, content }: AuditPartition): Promise<boolean> {
    const { logger, partitions } = this.parts;
    if (content !== undefined && this.announced !== name) {
      if (!content.isBeginning) {
        logger.warn('a month of the audit trail is kept, as the clock was set back in it', {
          partition: name,
        });
        return false;
      }
      if (!(await this.announce(name, content))) return false;
    }
    await partitions.drop(name);
    logger.info('a month of the audit trail was dropped', {
      partition: name,
      records: content?.records ?? 0,
    });
    return true;
  }

  /** @returns whether what is to be dropped is on record, and vouched for. */
  private async announce(partition: string, content: AuditPartitionContent): Promise<boolean> {
    const { checkpoints, clock, trail } = this.parts;
    if (!trail.isWritten) return false;
    const { firstSequence, lastSequence, records } = content;
    const lastHash = Array.from(content.lastHash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const details = { partition, firstSequence, lastSequence, lastHash, records };
    await trail.commit({ kind: 'audit.dropped', atMs: clock.nowMs(), details });
    if (!(await checkpoints.cover(trail.head.sequence))) return false;
    this.announced = partition;
    return true;
  }
}
