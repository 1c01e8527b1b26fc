import type postgres from 'postgres';
import type { AuditDetails, AuditKind } from '../../domain/audit/audit-event.js';
import { ADMIN_CHANNEL } from './admin-notices.js';
import type { Sql } from './connect.js';

/** What the audit trail is to tell of a change from outside the broker. */
export interface AdminDeed {
  readonly kind: AuditKind;
  /** The user of the operating system. */
  readonly principal: string;
  readonly details: AuditDetails;
}

/**
 * Makes a change to the broker's database from outside, whether or not it runs. The deed is left for the audit trail in
 * the same transaction, and a running broker is told.
 * @param change Makes it. @returns what the deed was, or undefined when nothing changed: then nothing is left, though
 *   what triggers tell for each statement is told all the same.
 */
export async function adminChange(
  sql: Sql,
  change: (transaction: postgres.TransactionSql) => Promise<AdminDeed | undefined>,
): Promise<AdminDeed | undefined> {
  const deed = await sql.begin(async (transaction) => {
    const done = await change(transaction);
    if (done === undefined) return undefined;
    const { kind, principal, details } = done;
    await transaction`
      insert into surety.admin_action (kind, principal, details)
      values (${kind}, ${principal}, ${transaction.json(details)})`;
    await transaction`select pg_notify(${ADMIN_CHANNEL}, ${kind})`;
    return done;
  });
  return deed;
}
