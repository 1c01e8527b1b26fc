import type { AuditKind } from '../../domain/audit/audit-event.js';
import { adminChange } from './admin-change.js';
import type { Sql } from './connect.js';

/** A user as the database has it, without what proves its password. */
export interface UserRow {
  readonly name: string;
  readonly isDisabled: boolean;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** Changes the users of a broker's database, and leaves each change for the audit trail. */
export class UserAdministration {
  /** @param principal Who does it: the user of the operating system. */
  constructor(
    private readonly sql: Sql,
    private readonly principal: string,
  ) {}

  /** @throws Error when there is such a user already. */
  async add(name: string, passwordHash: string): Promise<void> {
    const deed = await adminChange(this.sql, async (transaction) => {
      const { count } = await transaction`
        insert into surety.client_user (name, password_hash) values (${name}, ${passwordHash}) on conflict do nothing`;
      return count === 0 ? undefined : this.deed('user.added', { user: name });
    });
    if (deed === undefined)
      throw new Error(`there is a user ${name} already: "surety user passwd" sets its password`);
  }

  async setPassword(name: string, passwordHash: string): Promise<void> {
    const deed = await adminChange(this.sql, async (transaction) => {
      const { count } = await transaction`
        update surety.client_user set password_hash = ${passwordHash}, changed_at = now() where name = ${name}`;
      return count === 0 ? undefined : this.deed('user.changed', { user: name, change: 'password' });
    });
    if (deed === undefined) throw noSuchUser(name);
  }

  async setDisabled(name: string, isDisabled: boolean): Promise<void> {
    const change = isDisabled ? 'disabled' : 'enabled';
    const deed = await adminChange(this.sql, async (transaction) => {
      const { count } = await transaction`
        update surety.client_user set is_disabled = ${isDisabled}, changed_at = now() where name = ${name}`;
      return count === 0 ? undefined : this.deed('user.changed', { user: name, change });
    });
    if (deed === undefined) throw noSuchUser(name);
  }

  async remove(name: string): Promise<void> {
    const deed = await adminChange(this.sql, async (transaction) => {
      const { count } = await transaction`delete from surety.client_user where name = ${name}`;
      return count === 0 ? undefined : this.deed('user.removed', { user: name });
    });
    if (deed === undefined) throw noSuchUser(name);
  }

  list(): Promise<UserRow[]> {
    return this.sql<UserRow[]>`
      select name, is_disabled as "isDisabled", created_at as "createdAt", changed_at as "changedAt"
      from surety.client_user order by name`;
  }

  private deed(kind: AuditKind, details: Readonly<Record<string, string>>) {
    return { kind, principal: this.principal, details };
  }
}

function noSuchUser(name: string): Error {
  return new Error(`there is no user ${name}`);
}
