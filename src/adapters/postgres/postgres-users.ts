import type postgres from 'postgres';
import type { AdminCaller } from '../../application/ports/admin-caller.js';
import type {
  ListedUser,
  NameRange,
  UserChange,
  UserDirectory,
} from '../../application/ports/user-directory.js';
import { adminChange, type AdminChange } from './admin-change.js';
import type { Sql } from './connect.js';
import type { RenewablePool } from './renewable-pool.js';

interface Row {
  readonly name: string;
  readonly is_disabled: boolean;
  readonly created_at: Date;
  readonly changed_at: Date;
}

/** The users in `surety.client_user`. */
export class PostgresUsers implements UserDirectory {
  constructor(private readonly pool: Pick<RenewablePool, 'use' | 'read'>) {}

  list({ after = '', limit }: NameRange): Promise<readonly ListedUser[]> {
    return this.read((sql) => sql`where name > ${after} order by name limit ${limit}`);
  }

  async find(name: string): Promise<ListedUser | undefined> {
    const [user] = await this.read((sql) => sql`where name = ${name}`);
    return user;
  }

  add(name: string, passwordHash: string, by: AdminCaller): Promise<boolean> {
    return this.make((sql) => ({
      statement: sql`
        insert into surety.client_user (name, password_hash) values (${name}, ${passwordHash}) on conflict do nothing`,
      ...{ kind: 'user.added', by, details: { user: name } },
    }));
  }

  change(name: string, change: UserChange, by: AdminCaller): Promise<boolean> {
    const isPassword = 'passwordHash' in change;
    return this.make((sql) => {
      const column = isPassword
        ? sql`password_hash = ${change.passwordHash}`
        : sql`is_disabled = ${change.isDisabled}`;
      const what = isPassword ? 'password' : change.isDisabled ? 'disabled' : 'enabled';
      return {
        statement: sql`update surety.client_user set ${column}, changed_at = now() where name = ${name}`,
        ...{ kind: 'user.changed', by, details: { user: name, change: what } },
      };
    });
  }

  remove(name: string, by: AdminCaller): Promise<boolean> {
    return this.make((sql) => ({
      statement: sql`delete from surety.client_user where name = ${name}`,
      ...{ kind: 'user.removed', by, details: { user: name } },
    }));
  }

  private async read(which: (sql: Sql) => postgres.Fragment): Promise<readonly ListedUser[]> {
    const rows = await this.pool.read(
      (sql) => sql<Row[]>`
        select name, is_disabled, created_at, changed_at from surety.client_user ${which(sql)}`,
    );
    return rows.map(({ name, is_disabled: isDisabled, created_at: createdAt, changed_at: changedAt }) => {
      return { name, isDisabled, createdAtMs: createdAt.getTime(), changedAtMs: changedAt.getTime() };
    });
  }

  private async make(changeOf: (sql: Sql) => AdminChange): Promise<boolean> {
    return (await this.pool.use((sql) => adminChange(sql, changeOf(sql)))) !== undefined;
  }
}
