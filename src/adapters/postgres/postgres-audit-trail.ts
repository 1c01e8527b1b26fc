import type { AuditHead, AuditTrail, PreviousRun } from '../../application/ports/audit-trail.js';
import { GENESIS_HASH } from '../../domain/audit/audit-chain.js';
import type { AuditEvent } from '../../domain/audit/audit-event.js';
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

  get isWritten(): boolean {
    return !this.trailEnd.isClosed;
  }

  record(event: AuditEvent): void {
    this.journal.record(event);
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
  const runs = await sql<{ kind: PreviousRun['lastKind']; configuration: string | null }[]>`
    select last.kind, last.details ->> 'configuration' as configuration
    from unnest(${RUN_KINDS}::text[]) k,
         lateral (select kind, sequence, details from surety.audit_event where kind = k
                  order by at desc, sequence desc limit 1) last
    order by last.sequence desc`;
  return {
    head: { sequence: Number(last?.sequence ?? 0), hash: last?.hash ?? GENESIS_HASH },
    previousRun: previousRun(runs),
  };
}

/** @param runs The last of each kind, the last of all first. */
function previousRun(
  runs: readonly { kind: PreviousRun['lastKind']; configuration: string | null }[],
): PreviousRun | undefined {
  const lastKind = runs[0]?.kind;
  if (lastKind === undefined) return undefined;
  const start = runs.find(({ configuration }) => configuration !== null);
  return { lastKind, configuration: start?.configuration ?? undefined };
}
