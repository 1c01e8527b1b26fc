import type { AuditDetails } from '../../domain/audit/audit-event.js';

/** Whether anything is different, or what, for the audit trail. */
export type Change = boolean | AuditDetails;

/** Something that the broker has read from files, and can read anew while it runs: certificates, access rules. */
export interface Reloadable {
  /** What it is, in a word or two, for the log and the audit trail: `certificates`. */
  readonly name: string;
  /** The files that it comes from; it is read anew when one of them changes. */
  readonly files: readonly string[];
  /**
   * Reads it anew. What is new counts as a whole from then on; what can't be read leaves the old as it is.
   * @returns what is different now.
   * @throws Error that says what is wrong, and where: each fault in a line of its own.
   */
  reload(): Promise<Change>;
}
