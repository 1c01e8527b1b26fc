import postgres from 'postgres';
import type { AdminCaller } from '../../application/ports/admin-caller.js';
import {
  type NewRule,
  NO_ROLE,
  type RoleChange,
  type RoleDirectory,
  type RoleHolder,
  type RoleRule,
  type RoleSummary,
} from '../../application/ports/role-directory.js';
import type { NameRange } from '../../application/ports/user-directory.js';
import type { AuditDetails } from '../../domain/audit/audit-event.js';
import { adminChange, type AdminChange } from './admin-change.js';
import type { Sql } from './connect.js';
import { type RuleRow, ruleOf } from './postgres-role-source.js';
import type { RenewablePool } from './renewable-pool.js';

/** PostgreSQL's code for a row that refers to one that isn't there. */
const FOREIGN_KEY_VIOLATION = '23503';

/** The roles in the database. A running broker hears of each change, and reads the roles anew. */
export class PostgresRoles implements RoleDirectory {
  constructor(private readonly pool: Pick<RenewablePool, 'use' | 'read'>) {}

  list({ after = '', limit }: NameRange): Promise<readonly RoleSummary[]> {
    return this.read((sql) => sql`where name > ${after} order by name limit ${limit}`);
  }

  async find(name: string): Promise<RoleSummary | undefined> {
    const [role] = await this.read((sql) => sql`where name = ${name}`);
    return role;
  }

  async rules(
    role: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<readonly RoleRule[]> {
    const rows = await this.pool.read(
      (sql) => sql<RuleRow[]>`
        select id, role, effect, actions, filter, qos_max as "qosMax" from surety.role_rule
        where role = ${role} and id > ${after} order by id limit ${limit}`,
    );
    return rows.map((row) => ({ ...ruleOf(row), id: Number(row.id) }));
  }

  holders(
    role: string,
    { after, limit }: { readonly after?: RoleHolder | undefined; readonly limit: number },
  ): Promise<readonly RoleHolder[]> {
    const { holder, name } = after ?? { holder: '', name: '' };
    return this.pool.read(
      (sql) => sql<RoleHolder[]>`
        select holder, name from surety.role_grant
        where role = ${role} and (holder, name) > (${holder}, ${name}) order by holder, name limit ${limit}`,
    );
  }

  async addRule(role: string, rule: NewRule, by: AdminCaller): Promise<number | typeof NO_ROLE> {
    const { effect, actions, filter, qosMax = null } = rule;
    const done = await this.make((sql) => ({
      statement: sql`
        insert into surety.role_rule (role, effect, actions, filter, qos_max)
        values (${role}, ${effect}, ${[...actions]}::text[], ${filter}, ${qosMax})`,
      ...{ kind: 'role.changed', by, told: { name: 'rule', column: sql`id` } },
      details: { role, change: 'rule_added', effect, actions, filter, qosMax },
    }));
    return done === NO_ROLE ? done : Number(done?.['rule']);
  }

  async change(role: string, change: RoleChange, by: AdminCaller): Promise<boolean | typeof NO_ROLE> {
    const done = await this.make((sql) => ({
      statement: statementOf(sql, role, change),
      ...{ kind: 'role.changed', by, details: { role, ...change } },
    }));
    return done === NO_ROLE ? done : done !== undefined;
  }

  private read(which: (sql: Sql) => postgres.Fragment): Promise<readonly RoleSummary[]> {
    return this.pool.read(
      (sql) => sql<RoleSummary[]>`
        select name, (select count(*)::int from surety.role_rule where role = r.name) as rules,
               (select count(*)::int from surety.role_grant where role = r.name) as holders
        from surety.role r ${which(sql)}`,
    );
  }

  private async make(
    changeOf: (sql: Sql) => AdminChange,
  ): Promise<AuditDetails | undefined | typeof NO_ROLE> {
    try {
      return await this.pool.use((sql) => adminChange(sql, changeOf(sql)));
    } catch (error) {
      if (error instanceof postgres.PostgresError && error.code === FOREIGN_KEY_VIOLATION) return NO_ROLE;
      throw error;
    }
  }
}

function statementOf(sql: Sql, role: string, change: RoleChange): postgres.Fragment {
  switch (change.change) {
    case 'added':
      return sql`insert into surety.role (name) values (${role}) on conflict do nothing`;
    case 'removed':
      return sql`delete from surety.role where name = ${role}`;
    case 'rule_removed':
      return sql`delete from surety.role_rule where role = ${role} and id = ${change.rule}`;
    case 'granted':
      return sql`
        insert into surety.role_grant (role, holder, name) values (${role}, ${change.holder}, ${change.name})
        on conflict do nothing`;
    case 'revoked':
      return sql`
        delete from surety.role_grant
        where role = ${role} and holder = ${change.holder} and name = ${change.name}`;
  }
}
