import { readLocalRoute } from './adapters/admin-tokens/local-access-file.js';
import { TokenFile } from './adapters/admin-tokens/token-file.js';
import type { AdminActions } from './adapters/cli/admin/admin-actions.js';
import type { ConfigOptions } from './adapters/cli/cli.js';
import { SystemClock } from './adapters/clock/system-clock.js';
import type { Config } from './adapters/config/config.js';
import { PostgresLists } from './adapters/postgres/postgres-lists.js';
import { adminFilesOf } from './admin-files.js';
import { withBrokerDatabase } from './broker-database.js';

/** What commands about a running broker need. @param load Reads the configuration; throws when it is faulty. */
export function brokerActions(load: (options: ConfigOptions) => Config): AdminActions {
  return {
    route: (options) => readLocalRoute(adminFilesOf(load(options)).local),
    tokens: (options) => new TokenFile(adminFilesOf(load(options)).tokens, new SystemClock()),
    withStored: (options, use) =>
      withBrokerDatabase(load(options), 'no broker runs: there is nothing to list', (sql) =>
        use(new PostgresLists(sql)),
      ),
  };
}
