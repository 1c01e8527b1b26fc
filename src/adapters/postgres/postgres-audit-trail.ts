import type { AuditHead, AuditTrail, PreviousRun } from '../../application/ports/audit-trail.js';
import { GENESIS_HASH } from '../../domain/audit/audit-chain.js';
import type { AuditDetails, AuditEvent } from '../../domain/audit/audit-event.js';
import type { MessageLog } from '../../domain/audit/message-log.js';
import type { DroppedOutcome, Outcome } from '../../domain/audit/receiver-trace.js';
import type { Sql } from './connect.js';
import type { GroupCommit } from './journal/group-commit.js';
import type { TrailEnd } from './journal/trail-end.js';

const RUN_KINDS: readonly PreviousRun['lastKind'][] = ['broker.started', 'broker.stopped', 'audit.disabled'];

/** The audit trail in PostgreSQL, by way of the group commit. */
export class PostgresAuditTrail implements AuditTrail {
  constructor(
    private readonly journal: GroupCommit,
    private readonly trailEnd: TrailEnd,
    readonly previousRun: PreviousRun | undefined,
  ) {}

  get head(): AuditHead {
    return this.trailEnd.head;
  }

  get messages(): MessageLog {
    return this.trailEnd.messages;
  }

  get isWritten(): boolean {
    return !this.trailEnd.isClosed;
  }

  record(event: AuditEvent): void {
    this.journal.record(event);
  }

  published(): void {
    this.journal.recorded();
  }

  delivered(outcome: Outcome): void {
    this.journal.tell('delivered', outcome);
  }

  acknowledged(outcome: Outcome): void {
    this.journal.tell('acknowledged', outcome);
  }

  dropped(outcome: DroppedOutcome): void {
    this.journal.tell('dropped', outcome);
  }

  seal(): void {
    this.journal.seal();
  }

  commit(event: AuditEvent): Promise<void> {
    return new Promise((resolve) => {
      this.journal.record(event);
      this.journal.changes.await(resolve);
      this.journal.changed();
    });
  }

  async close(last: AuditEvent): Promise<void> {
    const isSaid = this.previousRun?.lastKind === 'audit.disabled';
    const committed = isSaid ? undefined : this.commit(last);
    this.trailEnd.isClosed = true;
    await committed;
  }

  onCommitted(listener: (head: AuditHead) => void): void {
    this.trailEnd.onCommitted(listener);
  }
}

/** Where the trail ends, and what the run before said last of itself. */
export interface TrailPosition {
  readonly head: AuditHead;
  readonly previousRun: PreviousRun | undefined;
}

export async function readTrailPosition(sql: Sql): Promise<TrailPosition> {
  const [last] = await sql<{ sequence: string; hash: Uint8Array }[]>`
    select sequence, hash from surety.audit_event order by sequence desc limit 1`;
  const head = { sequence: Number(last?.sequence ?? 0), hash: last?.hash ?? GENESIS_HASH };
  // By sequence, as the clock may have been set back. There are few such records: all are read, by the index on kind.
  const runs = await sql<RunRow[]>`
    select kind, sequence, configuration, settings
    from (select distinct on (kind) kind, sequence, details ->> 'configuration' as configuration,
                 details -> 'settings' as settings
          from surety.audit_event where kind = any(${RUN_KINDS}::text[])
          order by kind, sequence desc) last
    order by sequence desc`;
  return { head, previousRun: head.sequence === 0 ? undefined : previousRun(runs, head.sequence) };
}

interface RunRow {
  readonly kind: PreviousRun['lastKind'];
  readonly sequence: string;
  readonly configuration: string | null;
  readonly settings: AuditDetails | null;
}

/**
 * Where the start itself was dropped with its month, the run has ended in order only if the trail ends with that.
 * @param runs The last of each kind, the last of all first.
 */
function previousRun(runs: readonly RunRow[], headSequence: number): PreviousRun {
  const [last] = runs;
  const isStartLeft = runs.some(({ kind }) => kind === 'broker.started');
  const isEndKnown = last !== undefined && (isStartLeft || Number(last.sequence) === headSequence);
  const configured = runs.find(({ configuration }) => configuration !== null);
  return {
    lastKind: isEndKnown ? last.kind : 'broker.started',
    configuration: configured?.configuration ?? undefined,
    settings: configured?.settings ?? undefined,
  };
}
