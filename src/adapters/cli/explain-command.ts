import { type Command, Option } from 'commander';
import type { AccessAnswer } from '../../application/ports/access-explainer.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import { EXIT } from './exit.js';
import type { CliOutput } from './terminal-output.js';

/** What is asked. */
export interface ExplainOptions extends ConfigOptions {
  readonly client: string;
  readonly principal?: string;
  readonly action: 'publish' | 'subscribe';
  readonly topic: string;
}

/** Says what a client may do, and which rule says so. */
export type ExplainAction = (options: ExplainOptions) => AccessAnswer;

/** `surety explain`. */
export function addExplain(
  cli: Command,
  explain: ExplainAction,
  output: CliOutput,
  exit: (code: number) => void,
): void {
  withConfigOption(cli.command('explain'))
    .description('say which rule allows or refuses what a client wants to do')
    .requiredOption('--client <id>', 'the client id')
    .option('--principal <name>', 'the name that the client proves; without it: none')
    .addOption(
      new Option('--action <action>', 'what it wants to do')
        .choices(['publish', 'subscribe'])
        .makeOptionMandatory(),
    )
    .requiredOption('--topic <topic>', 'the topic, or the filter of a subscription')
    .action((options: ExplainOptions) => {
      const { isAllowed, rule } = explain(options);
      output.out(`${isAllowed ? 'allowed' : 'refused'}: ${rule}\n`);
      exit(EXIT.ok);
    });
}
