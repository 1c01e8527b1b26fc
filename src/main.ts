import process from 'node:process';

import { OpenPolicySource } from './adapters/auth/open-policy-source.js';
import { type CliActions, type ConfigOptions, runCli } from './adapters/cli/cli.js';
import { faultText } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { type ConfigResult, loadConfig } from './adapters/config/load-config.js';
import { ExplainAccess } from './application/explain-access.js';
import { named } from './domain/access/principal.js';
import { auditActions } from './audit-actions.js';
import { backupActions } from './backup-actions.js';
import { createContainer, managedBy, migrateDatabase, openServer, reloadOf } from './container.js';
import { listenToSignals } from './process-signals.js';
import { VERSION } from './version.js';

const actions: CliActions = {
  version: VERSION,
  start: (options) => start(options),
  migrate: (options) => migrateDatabase(load(options)),
  checkConfig: (options) => {
    const result = read(options);
    return 'faults' in result ? result.faults.map(faultText) : [];
  },
  explain: ({ action, client: clientId, principal, topic, ...options }) => {
    const access = new ExplainAccess(new OpenPolicySource(), load(options).limits);
    return access.explain({ action, clientId, principal: named(principal), topic });
  },
  audit: auditActions(load),
  backup: backupActions(load),
};

process.exitCode = await runCli(process.argv.slice(2), actions);

/** Runs the broker until a signal ends it, or another broker has taken its data over. */
async function start(options: ConfigOptions): Promise<number> {
  const config = load(options);
  const signals = listenToSignals();
  const container = createContainer(config, { file: options.config, load: () => read(options) });
  const manager = managedBy(container);
  const server = await openServer(container);
  const addresses = await server.start();
  signals.onReload(() => void reloadOf(container).reloadAll('signal'));
  const status = `listening on ${addresses.join(', ')}, ${server.dataDescription}`;
  process.stdout.write(`surety ${VERSION} ${status}\n`);
  manager.ready(status);
  const reason = await Promise.race([signals.stop, server.superseded()]);
  manager.stopping();
  await server.stop(config.shutdown.graceSeconds * 1000);
  if (reason === undefined) return 0;
  process.stderr.write(`surety: ${reason.message}\n`);
  return 1;
}

function read({ config: file }: ConfigOptions): ConfigResult {
  return loadConfig({ file, env: process.env });
}

function load(options: ConfigOptions): Config {
  const result = read(options);
  if ('config' in result) return result.config;
  throw new Error(`the configuration is faulty:\n${result.faults.map(faultText).join('\n')}`);
}
