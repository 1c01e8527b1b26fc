import type postgres from 'postgres';
import type { AuditDetails, AuditKind } from '../../domain/audit/audit-event.js';
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
    const isDone = await this.change('user.added', { user: name }, (sql) => {
      return sql`
        insert into surety.client_user (name, password_hash) values (${name}, ${passwordHash}) on conflict do nothing`;
    });
    if (!isDone) throw new Error(`there is a user ${name} already: "surety user passwd" sets its password`);
  }

  /** @throws Error when there is no such user. */
  async setPassword(name: string, passwordHash: string): Promise<void> {
    const isDone = await this.change('user.changed', { user: name, change: 'password' }, (sql) => {
      return sql`
        update surety.client_user set password_hash = ${passwordHash}, changed_at = now() where name = ${name}`;
    });
    if (!isDone) throw noSuchUser(name);
  }

  /** @throws Error when there is no such user. */
  async setDisabled(name: string, isDisabled: boolean): Promise<void> {
    const change = isDisabled ? 'disabled' : 'enabled';
    const isDone = await this.change('user.changed', { user: name, change }, (sql) => {
      return sql`
        update surety.client_user set is_disabled = ${isDisabled}, changed_at = now() where name = ${name}`;
    });
    if (!isDone) throw noSuchUser(name);
  }

  /** @throws Error when there is no such user. */
  async remove(name: string): Promise<void> {
    const isDone = await this.change('user.removed', { user: name }, (sql) => {
      return sql`delete from surety.client_user where name = ${name}`;
    });
    if (!isDone) throw noSuchUser(name);
  }

  list(): Promise<UserRow[]> {
    return this.sql<UserRow[]>`
      select name, is_disabled as "isDisabled", created_at as "createdAt", changed_at as "changedAt"
      from surety.client_user order by name`;
  }

  /** Makes a change of one statement. @returns whether it has changed any row. */
  private async change(
    kind: AuditKind,
    details: AuditDetails,
    statement: (sql: postgres.TransactionSql) => PromiseLike<{ readonly count: number }>,
  ): Promise<boolean> {
    const { principal } = this;
    const deed = await adminChange(this.sql, async (sql) => {
      const { count } = await statement(sql);
      return count === 0 ? undefined : { kind, principal, details };
    });
    return deed !== undefined;
  }
}

function noSuchUser(name: string): Error {
  return new Error(`there is no user ${name}`);
}
