import type { RuleBook } from '../../domain/access/rule-book.js';

/** What a source of access rules says at one time. */
export interface RuleContent {
  readonly book: RuleBook;
  /** A digest of it all, hexadecimal: the same as long as the rules are. */
  readonly digest: string;
  /** How many rules there are. */
  readonly ruleCount: number;
}

/** Where access rules come from. */
export interface RuleSource {
  /** What it is, in a word or two, for the log and the audit trail: `ACL file`. */
  readonly name: string;
  /** The files that it comes from. */
  readonly files: readonly string[];
  /** @throws Error that names all faults, each in a line of its own with its place. */
  read(): Promise<RuleContent>;
  /** Calls the listener when what doesn't come from files may have changed. */
  onChange?(changed: () => void): void;
}
