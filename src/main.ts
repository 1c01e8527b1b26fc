import process from 'node:process';

import { OpenPolicySource } from './adapters/auth/open-policy-source.js';
import { type CliActions, type ConfigOptions, runCli } from './adapters/cli/cli.js';
import { faultText } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { loadConfig } from './adapters/config/load-config.js';
import { ExplainAccess } from './application/explain-access.js';
import { named } from './domain/access/principal.js';
import { banActions, passwdActions, userActions } from './admin-actions.js';
import { auditActions } from './audit-actions.js';
import { createContainer, migrateDatabase, openServer } from './container.js';
import { VERSION } from './version.js';

const actions: CliActions = {
  version: VERSION,
  start: (options) => start(load(options)),
  migrate: (options) => migrateDatabase(load(options)),
  checkConfig: ({ config: file }) => {
    const result = loadConfig({ file, env: process.env });
    return 'faults' in result ? result.faults.map(faultText) : [];
  },
  explain: ({ action, client: clientId, principal, topic, ...options }) => {
    const access = new ExplainAccess(new OpenPolicySource(), load(options).limits);
    return access.explain({ action, clientId, principal: named(principal), topic });
  },
  audit: auditActions(load),
  passwd: passwdActions,
  users: userActions(load),
  bans: banActions(load),
};

process.exitCode = await runCli(process.argv.slice(2), actions);

/** Runs the broker until a signal ends it, or another broker has taken its data over. */
async function start(config: Config): Promise<number> {
  const signalled = firstSignal();
  const server = await openServer(createContainer(config));
  const addresses = await server.start();
  process.stdout.write(`surety ${VERSION} listening on ${addresses.join(', ')}, ${server.dataDescription}\n`);
  const reason = await Promise.race([signalled, server.superseded()]);
  await server.stop(config.shutdown.graceSeconds * 1000);
  if (reason === undefined) return 0;
  process.stderr.write(`surety: ${reason.message}\n`);
  return 1;
}

/** Resolves at SIGTERM or SIGINT; from then on a further signal ends the process at once. */
function firstSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const stop = (): void => {
      for (const signal of signals) process.removeListener(signal, stop);
      resolve(undefined);
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

function load({ config: file }: ConfigOptions): Config {
  const result = loadConfig({ file, env: process.env });
  if ('config' in result) return result.config;
  throw new Error(`the configuration is faulty:\n${result.faults.map(faultText).join('\n')}`);
}
