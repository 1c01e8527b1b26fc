import type { Command } from 'commander';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import { withExamples } from './examples.js';
import { type JsonOption, type Outcome, outcomeText, withJsonOption } from './outcome.js';
import type { CliOutput } from './terminal-output.js';

export interface BackupOptions extends ConfigOptions {
  /** The folder to write; must not be there. */
  readonly out?: string;
}

/** What the commands on backups do. */
export interface BackupActions {
  /** @throws Error that says what to do. */
  backup(options: BackupOptions): Promise<Outcome>;
  /** @throws Error that says what to do; nothing has been restored then. */
  restore(path: string, options: ConfigOptions): Promise<Outcome>;
}

/** `surety backup` and `surety restore`. */
export function addBackup(cli: Command, actions: BackupActions, output: CliOutput): void {
  const backup = withJsonOption(withConfigOption(cli.command('backup')))
    .description('write all that the broker stores into a folder, while it runs or not')
    .option('--out <folder>', 'the folder to make; without it: surety-backup- and the time')
    .action(async (options: BackupOptions & JsonOption) => {
      output.out(outcomeText(await actions.backup(options), options));
    });
  withExamples(backup, [['surety backup --out /backup/monday', 'a folder that must not be there yet']]);
  const restore = withJsonOption(withConfigOption(cli.command('restore <backup>')))
    .description('read a backup into an empty database, while no broker runs on it')
    .action(async (path: string, options: ConfigOptions & JsonOption) => {
      output.out(outcomeText(await actions.restore(path, options), options));
    });
  withExamples(restore, [
    ['surety restore /backup/monday', 'into the dataDir, or database.url, of the configuration'],
  ]);
}
