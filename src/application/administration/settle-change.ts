import type { AuditDetails } from '../../domain/audit/audit-event.js';
import type { AdminCaller } from '../ports/admin-caller.js';
import type { Change } from './views.js';

/**
 * Follows a change that was made in the database: has it count for those who are connected, and the audit trail take the
 * deed over that was left with it.
 * @param action What it is called where the trail tells of calls of the admin API.
 */
export type SettleChange = (action: string, caller: AdminCaller, details: AuditDetails) => Change;

/** What a command that does without the broker needs not do: the broker hears of it, or takes it over at its start. */
export const settledByItself: SettleChange = () => ({ durable: Promise.resolve() });
