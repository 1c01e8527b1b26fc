import type postgres from 'postgres';
import { type AdminCaller, callerDetails } from '../../application/ports/admin-caller.js';
import type { AuditDetails, AuditKind } from '../../domain/audit/audit-event.js';
import { ADMIN_CHANNEL } from './admin-notices.js';
import type { Sql } from './connect.js';

/** A change to the broker's database from outside its journal, and what the audit trail is to tell of it. */
export interface AdminChange {
  /** A statement without its `returning`, that has rows where it changes something. */
  readonly statement: postgres.Fragment;
  readonly kind: AuditKind;
  readonly by: AdminCaller;
  readonly details: AuditDetails;
  /** A column of the changed rows whose value belongs to the details, by its name there. */
  readonly told?: { readonly name: string; readonly column: postgres.Fragment };
}

/**
 * Makes a change, whether or not the broker runs. The deed is left for the audit trail with the change, and a running
 * broker is told: all of it in one statement, as the driver's own transactions send a rollback on a connection that is
 * gone, and throw where nobody can catch it.
 * @returns the details that were left; undefined when nothing changed: then nothing is left, though what triggers tell for
 *   each statement is told all the same.
 */
export async function adminChange(
  sql: Sql,
  { statement, kind, by, details, told }: AdminChange,
): Promise<AuditDetails | undefined> {
  const { principal, authentication, address = null, listener = null } = by;
  const all = { ...details, ...callerDetails(by) };
  const more =
    told === undefined ? sql`'{}'::jsonb` : sql`jsonb_build_object(${told.name}::text, ${told.column})`;
  const [row] = await sql<{ details: AuditDetails }[]>`
    with done as (${statement} returning ${more} as more),
    left_for_trail as (
      insert into surety.admin_action (kind, principal, authentication, address, listener, details)
      select ${kind}, ${principal}, ${authentication}, ${address}::text, ${listener}::text, ${sql.json(all)}::jsonb || more
      from done limit 1 returning details
    )
    select details, pg_notify(${ADMIN_CHANNEL}, ${kind}) from left_for_trail`;
  return row?.details;
}
