import type { AdminCaller } from './admin-caller.js';

/** A user, without what proves its password. Times are milliseconds since the epoch. */
export interface ListedUser {
  readonly name: string;
  readonly isDisabled: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

/** A part of a list by names. */
export interface NameRange {
  /** Behind this name; undefined from the first on. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What may be changed about a user. */
export type UserChange = { readonly passwordHash: string } | { readonly isDisabled: boolean };

/** The users of the database, for who manages them. Each change leaves its deed for the audit trail in its own transaction. */
export interface UserDirectory {
  /** By name. */
  list(range: NameRange): Promise<readonly ListedUser[]>;
  find(name: string): Promise<ListedUser | undefined>;
  /** @returns false when there is such a user already. */
  add(name: string, passwordHash: string, by: AdminCaller): Promise<boolean>;
  /** @returns false when there is no such user. */
  change(name: string, change: UserChange, by: AdminCaller): Promise<boolean>;
  /** @returns false when there is no such user. */
  remove(name: string, by: AdminCaller): Promise<boolean>;
}
