import type postgres from 'postgres';
import { type AccessRule, filterFault } from '../../domain/access/access-rule.js';
import type { AuditDetails } from '../../domain/audit/audit-event.js';
import { adminChange } from './admin-change.js';
import type { Sql } from './connect.js';
import { type RuleRow, ruleOf } from './postgres-role-source.js';

/** Who has a role: a user by name, a client by its id, or everyone. */
export interface RoleHolder {
  readonly holder: 'user' | 'client' | 'everyone';
  /** Empty for everyone. */
  readonly name: string;
}

/** A role with what it may do, and who has it. */
export interface RoleDescription {
  readonly name: string;
  readonly rules: readonly (AccessRule & { readonly id: number })[];
  readonly holders: readonly RoleHolder[];
}

/** What there is to say of a role in a list. */
export interface RoleSummary {
  readonly name: string;
  readonly rules: number;
  readonly holders: number;
}

/** What a new rule of a role says. */
export type NewRule = Pick<AccessRule, 'effect' | 'actions' | 'filter' | 'qosMax'>;

/** PostgreSQL's code for a row that refers to one that isn't there. */
const FOREIGN_KEY_VIOLATION = '23503';

/**
 * The roles in the database, for those who manage them. A change is told to a running broker, and left for the audit
 * trail, in its own transaction; one that changes nothing leaves nothing there, though the broker may read all roles anew.
 */
export class PostgresRoles {
  /** @param principal Who makes the changes. */
  constructor(
    private readonly sql: Sql,
    private readonly principal: string,
  ) {}

  async list(): Promise<readonly RoleSummary[]> {
    return this.sql<RoleSummary[]>`
      select name, (select count(*)::int from surety.role_rule where role = r.name) as rules,
             (select count(*)::int from surety.role_grant where role = r.name) as holders
      from surety.role r order by name`;
  }

  /** @returns undefined when there is no such role. */
  async show(name: string): Promise<RoleDescription | undefined> {
    const [found] = await this.sql`select from surety.role where name = ${name}`;
    if (found === undefined) return undefined;
    const rules = await this.sql<RuleRow[]>`
      select id, role, effect, actions, filter, qos_max as "qosMax" from surety.role_rule
      where role = ${name} order by id`;
    const holders = await this.sql<RoleHolder[]>`
      select holder, name from surety.role_grant where role = ${name} order by holder, name`;
    return { name, rules: rules.map((row) => ({ ...ruleOf(row), id: Number(row.id) })), holders };
  }

  /** @returns false when it is there already. */
  add(name: string): Promise<boolean> {
    return this.change(name, async (sql) => {
      const rows = await sql`
        insert into surety.role (name) values (${name}) on conflict do nothing returning name`;
      return rows.length > 0 && { change: 'added' };
    });
  }

  /** With its rules, and taken from all who have it. @returns false when there is no such role. */
  remove(name: string): Promise<boolean> {
    return this.change(name, async (sql) => {
      const rows = await sql`delete from surety.role where name = ${name} returning name`;
      return rows.length > 0 && { change: 'removed' };
    });
  }

  /** @returns the rule's number. @throws Error when there is no such role, or the filter is wrong. */
  async addRule(name: string, { effect, actions, filter, qosMax }: NewRule): Promise<number> {
    const fault = filterFault(filter);
    if (fault !== undefined) throw new Error(fault);
    let rule = 0;
    await this.change(name, async (sql) => {
      const [row] = await sql<{ id: string }[]>`
        insert into surety.role_rule (role, effect, actions, filter, qos_max)
        values (${name}, ${effect}, ${[...actions]}::text[], ${filter}, ${qosMax ?? null}) returning id`;
      rule = Number(row?.id);
      return { change: 'rule_added', rule, effect, actions, filter, qosMax: qosMax ?? null };
    });
    return rule;
  }

  /** @returns false when the role has no such rule. */
  removeRule(name: string, rule: number): Promise<boolean> {
    return this.change(name, async (sql) => {
      const rows = await sql`
        delete from surety.role_rule where role = ${name} and id = ${rule} returning id`;
      return rows.length > 0 && { change: 'rule_removed', rule };
    });
  }

  /** @returns false when the holder has the role already. @throws Error when there is no such role. */
  grant(role: string, { holder, name }: RoleHolder): Promise<boolean> {
    return this.change(role, async (sql) => {
      const rows = await sql`
        insert into surety.role_grant (role, holder, name) values (${role}, ${holder}, ${name})
        on conflict do nothing returning role`;
      return rows.length > 0 && { change: 'granted', holder, name };
    });
  }

  /** @returns false when the holder doesn't have the role. */
  revoke(role: string, { holder, name }: RoleHolder): Promise<boolean> {
    return this.change(role, async (sql) => {
      const rows = await sql`
        delete from surety.role_grant
        where role = ${role} and holder = ${holder} and name = ${name} returning role`;
      return rows.length > 0 && { change: 'revoked', holder, name };
    });
  }

  /**
   * Makes a change to a role. @param work Says what it has changed, or false when it had nothing to change.
   * @returns whether anything has changed.
   */
  private async change(
    role: string,
    work: (sql: postgres.TransactionSql) => Promise<AuditDetails | false>,
  ): Promise<boolean> {
    try {
      const deed = await adminChange(this.sql, async (sql) => {
        const done = await work(sql);
        if (done === false) return undefined;
        return { kind: 'role.changed', principal: this.principal, details: { role, ...done } };
      });
      return deed !== undefined;
    } catch (error) {
      if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error;
      throw new Error(`there is no role ${role}: make it with surety role add`, { cause: error });
    }
  }
}
