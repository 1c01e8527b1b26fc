import { createHash } from 'node:crypto';
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
  /** The last version without a fault. */
  private last: { readonly version: string | undefined; readonly content: RuleContent } = {
    version: undefined,
    content: contentOf([], []),
  };

  constructor(
    private readonly pool: Pick<RenewablePool, 'read'>,
    private readonly notices: Pick<AdminNotices, 'onNotice'>,
  ) {}

  async read(): Promise<RuleContent> {
    const { last } = this;
    const tables = await this.pool.read((sql) => readRoles(sql, last.version));
    if (tables === undefined) return last.content;
    const { version, rules, grants } = tables;
    this.seen = version;
    const content = contentOf(rules, grants);
    this.last = { version, content };
    return content;
  }

  onChange(changed: () => void): void {
    this.notices.onNotice((kind) => {
      if (kind === 'role.changed') changed();
      else if (kind === undefined) void this.isBehind().then((isBehind) => isBehind && changed());
    });
  }

  /** Whether there may be something new, of which no notice has come. */
  private async isBehind(): Promise<boolean> {
    try {
      return (await this.pool.read(readVersion)) !== this.seen;
    } catch {
      return false;
    }
  }
}

async function readVersion(sql: Sql): Promise<string | undefined> {
  const [row] = await sql<{ version: string }[]>`
    select coalesce((select version from surety.role_version), 0)::text as version`;
  return row?.version;
}

/**
 * Everything as of one moment, and so in one statement: the driver's own transactions send a rollback on a connection
 * that is gone, and throw where nobody can catch it.
 * @param known The version that is known already.
 * @returns undefined when there is no other.
 */
async function readRoles(sql: Sql, known: string | undefined): Promise<RoleTables | undefined> {
  const [tables] = await sql<RoleTables[]>`
    select version,
           (select coalesce(json_agg(json_build_object(
                     'id', id::text, 'role', role, 'effect', effect, 'actions', actions, 'filter', filter,
                     'qosMax', qos_max) order by role, id), '[]')
            from surety.role_rule) as rules,
           (select coalesce(json_agg(json_build_object(
                     'role', role, 'holder', holder, 'name', name) order by role, holder, name), '[]')
            from surety.role_grant) as grants
    from (select coalesce((select version from surety.role_version), 0)::text as version) as current
    where version is distinct from ${known ?? null}::text`;
  return tables;
}

/** A rule as the broker takes it. */
export function ruleOf(row: RuleRow): AccessRule {
  const { effect, actions, filter, qosMax } = row;
  return { effect, actions, filter, qosMax: qosMax ?? undefined, provider: 'roles', source: sourceOf(row) };
}

function sourceOf({ id, role }: RuleRow): string {
  return `role ${role}, rule ${id}`;
}

/** @throws Error that names all faults. */
function contentOf(rules: readonly RuleRow[], grants: readonly GrantRow[]): RuleContent {
  const faults = rules.flatMap((row) => {
    const fault = filterFault(row.filter);
    return fault === undefined ? [] : [`${sourceOf(row)}: ${fault}`];
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
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
