import process from 'node:process';

import { accessActions } from './access-actions.js';
import { type CliActions, type ConfigOptions, runCli } from './adapters/cli/cli.js';
import { type ConfigFault, faultText } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { type ConfigResult, loadConfig } from './adapters/config/load-config.js';
import { banActions, passwdActions, userActions } from './admin-actions.js';
import { auditActions } from './audit-actions.js';
import { createContainer, migrateDatabase, openServer } from './container.js';
import { preflight } from './preflight.js';
import type { Server } from './server.js';
import { VERSION } from './version.js';

const actions: CliActions = {
  version: VERSION,
  start: async (options) => start(await check(options)),
  migrate: (options) => migrateDatabase(load(options)),
  checkConfig: async (options) => (await faultsOf(loaded(options))).map(faultText),
  ...accessActions(load),
  audit: auditActions(load),
  passwd: passwdActions,
  users: userActions(load),
  bans: banActions(load),
};

process.exitCode = await runCli(process.argv.slice(2), actions);

/** Runs the broker until a signal ends it, or another broker has taken its data over. */
async function start(config: Config): Promise<number> {
  const signalled = firstSignal();
  let server: Server | undefined;
  process.on('SIGHUP', () => void server?.reload());
  server = await openServer(createContainer(config));
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

function loaded({ config: file }: ConfigOptions): ConfigResult {
  return loadConfig({ file, env: process.env });
}

/** All that is wrong with the configuration itself or, if nothing is, with what it names. */
function faultsOf(result: ConfigResult): Promise<readonly ConfigFault[]> | readonly ConfigFault[] {
  return 'faults' in result ? result.faults : preflight(result.config, (path) => result.placeOf(path));
}

function load(options: ConfigOptions): Config {
  const result = loaded(options);
  if ('config' in result) return result.config;
  throw faulty(result.faults);
}

/** A configuration that the broker can start with, as far as that can be told. */
async function check(options: ConfigOptions): Promise<Config> {
  const result = loaded(options);
  const faults = await faultsOf(result);
  if ('faults' in result || faults.length > 0) throw faulty(faults);
  return result.config;
}

function faulty(faults: readonly ConfigFault[]): Error {
  return new Error(`the configuration is faulty:\n${faults.map(faultText).join('\n')}`);
}
