/** A user as the database has it. */
export interface StoredUser {
  readonly passwordHash: string;
  readonly isDisabled: boolean;
}

/** The users of the database. */
export interface UserPasswords {
  find(name: string): Promise<StoredUser | undefined>;
  /** Which of these may still come in. */
  enabledOf(names: readonly string[]): Promise<ReadonlySet<string>>;
}
