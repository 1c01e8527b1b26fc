import type { AdminAction, AdminInbox } from '../../application/ports/admin-inbox.js';
import { AUDIT_KINDS, type AuditDetails, type AuditKind } from '../../domain/audit/audit-event.js';
import type { AdminNotices } from './admin-notices.js';
import type { GroupCommit } from './journal/group-commit.js';
import type { RenewablePool } from './renewable-pool.js';

/** Actions that are read at a time. */
const PAGE = 500;

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly principal: string;
  readonly authentication: string;
  readonly address: string | null;
  readonly listener: string | null;
  readonly database_user: string;
  readonly details: AuditDetails;
}

/** What was done by commands and the admin API, in `surety.admin_action`. */
export class PostgresAdminInbox implements AdminInbox {
  constructor(
    private readonly pool: RenewablePool,
    private readonly commit: GroupCommit,
    private readonly notices: AdminNotices,
  ) {}

  async waiting(): Promise<readonly AdminAction[]> {
    const rows = await this.pool.read(
      (sql) => sql<Row[]>`select * from surety.admin_action order by id limit ${PAGE}`,
    );
    return rows.map(actionFrom);
  }

  taken(ids: readonly number[]): Promise<void> {
    this.commit.changes.takenActions.push(...ids);
    return new Promise((resolve) => {
      this.commit.changes.await(resolve);
      this.commit.changed();
    });
  }

  onNotice(listener: (kind: string | undefined) => void): void {
    this.notices.onNotice(listener);
  }
}

/** A kind that this broker doesn't know comes from a newer command: it is told all the same, by what it is not. */
function actionFrom({
  id,
  at,
  kind,
  details: left,
  database_user: databaseUser,
  ...actor
}: Row): AdminAction {
  const { principal, authentication } = actor;
  const known = AUDIT_KINDS.find((name) => name === kind);
  const event = {
    kind: known ?? ('configuration.changed' satisfies AuditKind),
    atMs: at.getTime(),
    ...{
      principal,
      authentication,
      address: actor.address ?? undefined,
      listener: actor.listener ?? undefined,
    },
    details: { ...left, databaseUser, ...(known === undefined ? { unknownKind: kind } : {}) },
  };
  return { id: Number(id), event };
}
