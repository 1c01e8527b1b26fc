import type { StoredUser, UserPasswords } from '../../application/ports/user-passwords.js';
import type { RenewablePool } from './renewable-pool.js';

/** Users in `surety.client_user`, asked anew each time: a change holds from the next login on. */
export class PostgresUserPasswords implements UserPasswords {
  constructor(private readonly pool: RenewablePool) {}

  async find(name: string): Promise<StoredUser | undefined> {
    const [row] = await this.pool.read(
      (sql) => sql<StoredUser[]>`
        select password_hash as "passwordHash", is_disabled as "isDisabled"
        from surety.client_user where name = ${name}`,
    );
    return row;
  }

  async enabledOf(names: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.pool.read(
      (sql) => sql<{ name: string }[]>`
        select name from surety.client_user where name = any(${[...names]}::text[]) and not is_disabled`,
    );
    return new Set(rows.map(({ name }) => name));
  }
}
