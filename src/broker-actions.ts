import { readLocalRoute } from './adapters/admin-tokens/local-access-file.js';
import { TokenFile } from './adapters/admin-tokens/token-file.js';
import { hashPassword } from './adapters/auth/password-hash.js';
import type { AdminActions, ExplainOptions, Stored } from './adapters/cli/admin/admin-actions.js';
import type { ConfigOptions } from './adapters/cli/cli.js';
import { SystemClock } from './adapters/clock/system-clock.js';
import type { Config } from './adapters/config/config.js';
import type { Sql } from './adapters/postgres/connect.js';
import { PostgresBanStore } from './adapters/postgres/postgres-ban-store.js';
import { PostgresLists } from './adapters/postgres/postgres-lists.js';
import { PostgresRoleSource } from './adapters/postgres/postgres-role-source.js';
import { PostgresRoles } from './adapters/postgres/postgres-roles.js';
import { PostgresUsers } from './adapters/postgres/postgres-users.js';
import type { RenewablePool } from './adapters/postgres/renewable-pool.js';
import { adminFilesOf } from './admin-files.js';
import { AccessRules } from './application/access-rules.js';
import { ManageRoles } from './application/administration/manage-roles.js';
import { ManageUsers } from './application/administration/manage-users.js';
import { settledByItself } from './application/administration/settle-change.js';
import { ExplainAccess } from './application/explain-access.js';
import type { AccessAnswer } from './application/ports/access-explainer.js';
import type { RuleSource } from './application/ports/rule-source.js';
import { operator, withBrokerDatabase } from './broker-database.js';
import { ruleOriginsOf } from './rule-origins.js';

/** How commands read the configuration; both throw when it is faulty, the second only if it doesn't even say that. */
export interface CommandConfig {
  readonly load: (options: ConfigOptions) => Config;
  readonly dataDir: (options: ConfigOptions) => string;
}

/** What commands about a broker need. */
export function brokerActions({ load, dataDir }: CommandConfig): AdminActions {
  return {
    route: (options) => {
      const route = readLocalRoute(adminFilesOf({ dataDir: dataDir(options) }).local);
      return route && { ...route, operator: operator() };
    },
    tokens: (options) => new TokenFile(adminFilesOf(load(options)).tokens, new SystemClock()),
    withStored: (options, use) =>
      withBrokerDatabase(load(options), 'no broker answers here, and there is no database', (sql) =>
        use(storedIn(sql)),
      ),
    explain: (options) => explain(options, load(options)),
  };
}

function storedIn(sql: Sql): Stored {
  const pool = poolOf(sql);
  return {
    lists: new PostgresLists(sql),
    users: new ManageUsers(new PostgresUsers(pool), hashPassword, settledByItself),
    roles: new ManageRoles(new PostgresRoles(pool), settledByItself),
    bans: new PostgresBanStore(pool, SILENCE),
    caller: { principal: operator(), authentication: 'command_line' },
  };
}

async function explain(
  { client: clientId, user, role: roles = [], action, topic, qos, retain }: ExplainOptions,
  config: Config,
): Promise<AccessAnswer> {
  const principal = { name: user, roles, rules: undefined };
  return withRoleSource(config, async (source) => {
    const rules = new AccessRules(ruleOriginsOf(config.access, source));
    await rules.readAll();
    const access = new ExplainAccess(rules, config.limits);
    return access.explain({ clientId, principal, action, topic, qos, retain });
  });
}

function withRoleSource<T>(config: Config, use: (roles: RuleSource | undefined) => Promise<T>): Promise<T> {
  if (!config.access.roles) return use(undefined);
  return withBrokerDatabase(config, 'there are no roles', (sql) =>
    use(new PostgresRoleSource(poolOf(sql), SILENCE)),
  );
}

/** The connection of one command. */
function poolOf(sql: Sql): Pick<RenewablePool, 'use' | 'read'> {
  const ask = async <T>(query: (sql: Sql) => PromiseLike<T>): Promise<T> => query(sql);
  return { use: ask, read: ask };
}

/** A command reads once. */
const SILENCE = { onNotice: () => undefined };
