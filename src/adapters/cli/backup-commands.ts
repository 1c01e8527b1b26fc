import type { Command } from 'commander';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import type { CliOutput } from './terminal-output.js';

export interface BackupOptions extends ConfigOptions {
  /** The folder to write; must not be there. */
  readonly out?: string;
}

/** What the commands on backups do. Each returns what to tell, a line for each thing. */
export interface BackupActions {
  /** @throws Error that says what to do. */
  backup(options: BackupOptions): Promise<readonly string[]>;
  /** @throws Error that says what to do; nothing has been restored then. */
  restore(path: string, options: ConfigOptions): Promise<readonly string[]>;
}

/** `surety backup` and `surety restore`. */
export function addBackup(cli: Command, actions: BackupActions, output: CliOutput): void {
  withConfigOption(cli.command('backup'))
    .description('write all that the broker stores into a folder, while it runs or not')
    .option('--out <folder>', 'the folder to make; without it: surety-backup- and the time')
    .action(async (options: BackupOptions) => {
      for (const line of await actions.backup(options)) output.out(`${line}\n`);
    });
  withConfigOption(cli.command('restore <backup>'))
    .description('read a backup into an empty database, while no broker runs on it')
    .action(async (path: string, options: ConfigOptions) => {
      for (const line of await actions.restore(path, options)) output.out(`${line}\n`);
    });
}
