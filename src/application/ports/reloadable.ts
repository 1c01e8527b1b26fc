import type { AuditDetails } from '../../domain/audit/audit-event.js';

/** Whether anything is different, or what, for the audit trail. */
export type Change = boolean | AuditDetails;

/** Something new that was read or made, and isn't in force yet. One of the two is called, once. */
export interface Prepared {
  /** Puts it in force, in place of what was. */
  readonly apply: () => void;
  /** Lets go of it. */
  readonly discard?: () => void;
}

/** Something that the broker has read from files, and can read anew while it runs: certificates, access rules. */
export interface Reloadable {
  /** What it is, in a word or two, for the log and the audit trail: `certificates`. */
  readonly name: string;
  /** The files that it comes from at the moment; it is read anew when one of them changes. */
  readonly files: readonly string[];
  /**
   * Reads it anew. What is new counts as a whole from then on; what can't be read leaves the old as it is.
   * @returns what is different now.
   * @throws Error that says what is wrong, and where: each fault in a line of its own.
   */
  reload(): Promise<Change>;
}
