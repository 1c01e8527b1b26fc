import type { TrailMonth, TrailMonthContent, TrailMonths } from '../ports/audit-partitions.js';
import type { AuditTrail } from '../ports/audit-trail.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { WriteCheckpoints } from './write-checkpoints.js';

export interface ApplyRetentionParts {
  readonly trail: AuditTrail;
  readonly partitions: TrailMonths;
  readonly checkpoints: Pick<WriteCheckpoints, 'cover'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Looked at each time; 0 days keep everything. */
  readonly age: { readonly retentionDays: number };
}

const TICK_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Months that can go together, as no record before their end stands elsewhere. */
interface Run {
  readonly names: readonly string[];
  /** What they hold together. */
  readonly content: TrailMonthContent;
}

/**
 * Drops whole months whose records are past their age. Before months go, a record says what went and with which hash
 * it ended, and a checkpoint vouches for that record: what remains can be verified from there. Where the clock was set
 * back, the numbers of months overlap: such months go together.
 */
export class ApplyRetention {
  private stopTicks: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;
  /** The months that a record has told of, but which could not be dropped yet. */
  private announced: string | undefined;

  constructor(private readonly parts: ApplyRetentionParts) {}

  /** Looks now and every hour. */
  start(): void {
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
    const { age, clock, logger, partitions } = this.parts;
    const { retentionDays } = age;
    if (this.isStopped || retentionDays === 0) return;
    try {
      const { ended, firstKept } = await partitions.endedBy(clock.nowMs() - retentionDays * DAY_MS);
      const empty = ended.filter(({ content }) => content === undefined).map(({ name }) => name);
      if (empty.length > 0) await partitions.drop(empty);
      const run = longestRun(ended, firstKept);
      if (run !== undefined) await this.drop(run);
    } catch (error) {
      logger.warn('a month of the audit trail could not be dropped yet: it is tried again in an hour', {
        reason: String(error),
      });
    }
  }

  private async drop({ names, content }: Run): Promise<void> {
    const { logger, partitions } = this.parts;
    const partition = names.join(', ');
    if (this.announced !== partition && !(await this.announce(partition, content))) return;
    await partitions.drop(names);
    logger.info('months of the audit trail were dropped', { partition, records: content.records });
  }

  /** @returns whether what is to be dropped is on record, and vouched for. */
  private async announce(partition: string, content: TrailMonthContent): Promise<boolean> {
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

/**
 * The longest run from the beginning of the trail that ends before the rest begins.
 * @param firstKept The number of the first record that is not past its age; Infinity where there is none.
 */
function longestRun(ended: readonly TrailMonth[], firstKept: number): Run | undefined {
  let longest: Run | undefined;
  let names: readonly string[] = [];
  let joint: TrailMonthContent | undefined;
  const months = ended
    .flatMap(({ name, content }) => (content === undefined ? [] : [{ name, content }]))
    .sort((a, b) => a.content.firstSequence - b.content.firstSequence);
  for (const [index, { name, content }] of months.entries()) {
    names = [...names, name];
    joint = joint === undefined ? content : together(joint, content);
    const next = Math.min(months[index + 1]?.content.firstSequence ?? Infinity, firstKept);
    if (joint.lastSequence < next) longest = { names, content: joint };
  }
  return longest;
}

/** @param a Begins before the other. */
function together(a: TrailMonthContent, b: TrailMonthContent): TrailMonthContent {
  const { lastSequence, lastHash } = a.lastSequence > b.lastSequence ? a : b;
  return { firstSequence: a.firstSequence, lastSequence, lastHash, records: a.records + b.records };
}
