import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import type { RuleContent, RuleSource } from '../../application/ports/rule-source.js';
import { type AccessAction, type AccessRule, filterFault } from '../../domain/access/access-rule.js';
import { type RoleContent, RoleRules } from '../../domain/access/role-rules.js';
import type { QoS } from '../../domain/qos.js';
import type { AdminNotices } from './admin-notices.js';
import type { Sql } from './connect.js';
import type { RenewablePool } from './renewable-pool.js';

/** A rule as it stands in its table. */
export interface RuleRow {
  readonly id: string;
  readonly role: string;
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly AccessAction[];
  readonly filter: string;
  readonly qosMax: QoS | null;
}

interface GrantRow {
  readonly role: string;
  readonly holder: 'user' | 'client' | 'everyone';
  readonly name: string;
}

interface RoleTables {
  readonly version: string;
  readonly rules: readonly RuleRow[];
  readonly grants: readonly GrantRow[];
}

/** The rules of roles in PostgreSQL. */
export class PostgresRoleSource implements RuleSource {
  readonly name = 'roles';
  readonly files = [];
  /** The version that was read last, whether or not there was a fault in it. */
  private seen: string | undefined;
  private last: { readonly version: string; readonly content: RuleContent } | undefined;

  constructor(
    private readonly pool: Pick<RenewablePool, 'current' | 'giveUp'>,
    private readonly notices: Pick<AdminNotices, 'onNotice'>,
  ) {}

  async read(): Promise<RuleContent> {
    const sql = this.pool.current;
    try {
      return await this.readWith(sql);
    } catch (error) {
      if (error instanceof RoleFault) throw error;
      // A connection that was lost shows when it is used next.
      this.pool.giveUp(sql);
      return await this.readWith(this.pool.current);
    }
  }

  onChange(changed: () => void): void {
    this.notices.onNotice((kind) => {
      if (kind === 'role.changed') changed();
      else if (kind === undefined) void this.isBehind().then((isBehind) => isBehind && changed());
    });
  }

  /** Whether there may be something new, of which no notice has come. */
  private async isBehind(): Promise<boolean> {
    const sql = this.pool.current;
    try {
      return (await versionOf(sql)) !== this.seen;
    } catch {
      this.pool.giveUp(sql);
      return false;
    }
  }

  private async readWith(sql: Sql): Promise<RuleContent> {
    const tables = await readRoles(sql, this.last?.version);
    if (tables === undefined && this.last !== undefined) return this.last.content;
    const { version, rules, grants } = tables ?? NO_ROLES;
    this.seen = version;
    const content = contentOf(rules, grants);
    this.last = { version, content };
    return content;
  }
}

async function versionOf(sql: postgres.ISql): Promise<string> {
  const [row] = await sql<{ version: string }[]>`select version from surety.role_version`;
  return row?.version ?? '0';
}

/** A rule that can't be. */
class RoleFault extends Error {}

const NO_ROLES: RoleTables = { version: '0', rules: [], grants: [] };

/**
 * Everything as of one moment.
 * @param known The version that is known already.
 * @returns undefined when there is no other.
 */
function readRoles(sql: Sql, known: string | undefined): Promise<RoleTables | undefined> {
  return sql.begin('isolation level repeatable read read only', async (reading) => {
    const version = await versionOf(reading);
    if (version === known) return undefined;
    const rules = await reading<RuleRow[]>`
      select id, role, effect, actions, filter, qos_max as "qosMax" from surety.role_rule order by role, id`;
    const grants = await reading<GrantRow[]>`
      select role, holder, name from surety.role_grant order by role, holder, name`;
    return { version, rules: [...rules], grants: [...grants] };
  });
}

/** A rule as the broker takes it. */
export function ruleOf(row: RuleRow): AccessRule {
  const { effect, actions, filter, qosMax } = row;
  return { effect, actions, filter, qosMax: qosMax ?? undefined, source: sourceOf(row) };
}

function sourceOf({ id, role }: RuleRow): string {
  return `role ${role}, rule ${id}`;
}

/** @throws RoleFault that names all faults. */
function contentOf(rules: readonly RuleRow[], grants: readonly GrantRow[]): RuleContent {
  const faults = rules.flatMap((row) => {
    const fault = filterFault(row.filter);
    return fault === undefined ? [] : [`${sourceOf(row)}: ${fault}`];
  });
  if (faults.length > 0) throw new RoleFault(faults.join('\n'));
  const digest = createHash('sha256').update(JSON.stringify({ rules, grants })).digest('hex');
  return { book: new RoleRules(rolesOf(rules, grants)), digest, ruleCount: rules.length };
}

function rolesOf(rules: readonly RuleRow[], grants: readonly GrantRow[]): RoleContent {
  const byRole = new Map<string, AccessRule[]>();
  for (const row of rules) addTo(byRole, row.role, ruleOf(row));
  const users = new Map<string, string[]>();
  const clients = new Map<string, string[]>();
  const everyone: string[] = [];
  for (const { role, holder, name } of grants) {
    if (holder === 'everyone') everyone.push(role);
    else addTo(holder === 'user' ? users : clients, name, role);
  }
  return { rules: byRole, users, clients, everyone };
}

function addTo<V>(lists: Map<string, V[]>, name: string, value: V): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}
