import { type Command, Option } from 'commander';

/** The options that say where the configuration is. */
export interface ConfigOptions {
  /** The path of the YAML file, relative to the working directory. Without it: defaults and environment. */
  readonly config?: string;
}

/** Adds the option that says where the configuration is. */
export function withConfigOption(command: Command): Command {
  return command.addOption(
    new Option('-c, --config <file>', 'the YAML file to read; SURETY_* variables go over it').env(
      'SURETY_CONFIG',
    ),
  );
}
