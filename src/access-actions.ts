import type { ConfigOptions } from './adapters/cli/cli.js';
import type { ExplainAction } from './adapters/cli/explain-command.js';
import type { UseRoles } from './adapters/cli/role-commands.js';
import type { Config } from './adapters/config/config.js';
import { PostgresRoleSource } from './adapters/postgres/postgres-role-source.js';
import { PostgresRoles } from './adapters/postgres/postgres-roles.js';
import { ExplainAccess } from './application/explain-access.js';
import type { RuleSource } from './application/ports/rule-source.js';
import { operator, withBrokerDatabase } from './broker-database.js';
import { makeAccessRules } from './make-access-rules.js';

/** What `surety explain` and `surety role` do. @param load Reads the configuration; throws when it is faulty. */
export function accessActions(load: (options: ConfigOptions) => Config): {
  readonly explain: ExplainAction;
  readonly useRoles: UseRoles;
} {
  return {
    explain: (options) => {
      const { client: clientId, user, role: roles = [], action, topic, qos, retain } = options;
      const config = load(options);
      const principal = { name: user, roles, rules: undefined };
      return withRoleSource(config, async (source) => {
        const rules = makeAccessRules(config.access, source);
        await rules.readAll();
        const access = new ExplainAccess(rules, config.limits);
        return access.explain({ clientId, principal, action, topic, qos, retain });
      });
    },
    useRoles: (options, use) =>
      withBrokerDatabase(load(options), 'there are no roles', (sql) =>
        use(new PostgresRoles(sql, operator())),
      ),
  };
}

function withRoleSource<T>(config: Config, use: (roles: RuleSource | undefined) => Promise<T>): Promise<T> {
  if (!config.access.roles) return use(undefined);
  return withBrokerDatabase(config, 'there are no roles', (sql) =>
    use(new PostgresRoleSource({ read: async (query) => query(sql) }, SILENCE)),
  );
}

/** A command reads once. */
const SILENCE = { onNotice: () => undefined };
