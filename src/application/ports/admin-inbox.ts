import type { AuditEvent } from '../../domain/audit/audit-event.js';

/** Something that was done from outside the broker. */
export interface AdminAction {
  readonly id: number;
  readonly event: AuditEvent;
}

/** What was done from outside, until the audit trail tells of it. */
export interface AdminInbox {
  /** Some of the oldest that wait. */
  waiting(): Promise<readonly AdminAction[]>;
  /** Has them removed in the transaction that makes durable what is recorded in the same turn. Resolves after it. */
  taken(ids: readonly number[]): Promise<void>;
  /** Calls the listener with the kind of what was done from outside, or undefined when something may have been. */
  onNotice(listener: (kind: string | undefined) => void): void;
}
