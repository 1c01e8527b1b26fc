import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AccessAnswer } from '../../application/ports/access-explainer.js';
import { ACCESS_ACTIONS, type AccessAction } from '../../domain/access/access-rule.js';
import type { QoS } from '../../domain/qos.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import { EXIT } from './exit.js';
import type { CliOutput } from './terminal-output.js';

/** What is asked. */
export interface ExplainOptions extends ConfigOptions {
  readonly client: string;
  readonly user?: string;
  /** Roles that the client's proof brings, beside those that it has by its user name and client id. */
  readonly role?: readonly string[];
  readonly action: AccessAction;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** Says what a client may do, and which rule says so. @throws Error when the rules can't be read. */
export type ExplainAction = (options: ExplainOptions) => Promise<AccessAnswer>;

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
    .option('--user <name>', 'the user name that the client proves; without it: none')
    .option('--role <role...>', "roles that the client's proof brings, as a token may")
    .addOption(
      new Option('--action <action>', 'what it wants to do').choices(ACCESS_ACTIONS).makeOptionMandatory(),
    )
    .requiredOption('--topic <topic>', 'the topic, or the filter of a subscription')
    .option('--qos <qos>', 'at which quality of service: 0, 1 or 2', parseQos, 0)
    .option('--retain', 'whether what it publishes is retained', false)
    .action(async (options: ExplainOptions) => {
      output.out(`${answerText(options, await explain(options))}\n`);
      exit(EXIT.ok);
    });
}

function answerText(
  { action, qos }: ExplainOptions,
  { isAllowed, rule, qosMax, isPartial }: AccessAnswer,
): string {
  const lines = [`${isAllowed ? 'allowed' : 'refused'}: ${rule}`];
  if (isAllowed && action === 'subscribe' && qosMax < qos) lines.push(`granted at QoS ${qosMax}`);
  if (isPartial) lines.push('some of its topics may be held back: ask with --action receive');
  return lines.join('\n');
}

/** The value of `--qos`. */
export function parseQos(text: string): QoS {
  if (/^[012]$/.test(text)) return Number(text) as QoS;
  throw new InvalidArgumentError('It must be 0, 1 or 2.');
}
