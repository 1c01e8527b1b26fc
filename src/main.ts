import process from 'node:process';

import { removeFilePassword, setFilePassword } from './adapters/auth/password-file-edit.js';
import { type CliActions, type ConfigOptions, runCli } from './adapters/cli/cli.js';
import { type ConfigFault, faultText, placeText } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { dataDirOf } from './adapters/config/data-dir.js';
import { type ConfigResult, loadConfig } from './adapters/config/load-config.js';
import { auditActions } from './audit-actions.js';
import { backupActions } from './backup-actions.js';
import { brokerActions } from './broker-actions.js';
import { collectGarbage } from './collect-garbage.js';
import { createContainer, managedBy, migrateDatabase, openServer } from './container.js';
import { importAction } from './import-action.js';
import { preflight } from './preflight.js';
import { listenToSignals } from './process-signals.js';
import { VERSION } from './version.js';
import { T } from './wiring/tokens.js';

const actions: CliActions = {
  version: VERSION,
  start: async (options) => start(await check(options), options),
  migrate: (options) => migrateDatabase(load(options)),
  checkConfig: async (options) =>
    (await faultsOf(loaded(options))).map((fault) => ({ ...fault, place: placeText(fault.place) })),
  audit: auditActions(load),
  admin: brokerActions({ load, dataDir }),
  backup: backupActions(load),
  importMosquitto: importAction,
  passwd: { set: setFilePassword, remove: removeFilePassword },
};

process.exitCode = await runCli(process.argv.slice(2), actions);

/** Runs the broker until a signal ends it, or another broker has taken its data over. */
async function start(config: Config, options: ConfigOptions): Promise<number> {
  const signals = listenToSignals();
  const container = createContainer(config, { file: options.config, load: () => loaded(options) });
  const manager = managedBy(container);
  const server = await openServer(container);
  const addresses = await server.start(collectGarbage);
  signals.onReload(() => void server.reload());
  const status = `listening on ${addresses.join(', ')}, ${server.dataDescription}`;
  process.stdout.write(`surety ${VERSION} ${status}\n`);
  manager.ready(status);
  const reason = await Promise.race([signals.stop, server.superseded()]);
  manager.stopping();
  await server.stop(container.get(T.config).shutdown.graceSeconds * 1000);
  if (reason === undefined) return 0;
  process.stderr.write(`surety: ${reason.message}\n`);
  return 1;
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

/**
 * Where the data is. The broker that runs may go by what the file said before it became faulty, and somebody may
 * want to ask it how it is.
 */
function dataDir(options: ConfigOptions): string {
  const result = loaded(options);
  if ('config' in result) return result.config.dataDir;
  const found = dataDirOf({ file: options.config, env: process.env });
  if (found === undefined) throw faulty(result.faults);
  const hint = 'the configuration is faulty ("surety config check" says where): only its dataDir was read';
  process.stderr.write(`surety: ${hint}\n`);
  return found;
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
