import { readFileSync } from 'node:fs';
import process from 'node:process';

import { type CliActions, type ConfigOptions, runCli } from './adapters/cli/cli.js';
import { faultText } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { loadConfig } from './adapters/config/load-config.js';
import { createContainer, T } from './container.js';

const version = readVersion();

const actions: CliActions = {
  version,
  start: (options) => start(load(options)),
  checkConfig: ({ config: file }) => {
    const result = loadConfig({ file, env: process.env });
    return 'faults' in result ? result.faults.map(faultText) : [];
  },
};

process.exitCode = await runCli(process.argv.slice(2), actions);

/** Runs the broker until a signal ends it. */
async function start(config: Config): Promise<number> {
  const server = createContainer(config).get(T.server);
  const addresses = await server.start();
  const data =
    config.persistence === 'memory' ? 'data in memory, lost at the end' : `data in ${config.dataDir}`;
  process.stdout.write(`surety ${version} listening on ${addresses.join(', ')}, ${data}\n`);
  await firstSignal();
  await server.stop(config.shutdown.graceSeconds * 1000);
  return 0;
}

/** Resolves at SIGTERM or SIGINT; from then on a further signal ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const stop = (): void => {
      for (const signal of signals) process.removeListener(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

function load({ config: file }: ConfigOptions): Config {
  const result = loadConfig({ file, env: process.env });
  if ('config' in result) return result.config;
  throw new Error(`the configuration is faulty:\n${result.faults.map(faultText).join('\n')}`);
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
