import type { Command } from 'commander';
import {
  ACCESS_ACTIONS,
  ACTION_GROUPS,
  type AccessAction,
  type AccessRule,
  ruleText,
} from '../../domain/access/access-rule.js';
import type { QoS } from '../../domain/qos.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import { EXIT } from './exit.js';
import { parseQos } from './explain-command.js';
import type { CliOutput } from './terminal-output.js';

/** Who has a role. */
export interface Holder {
  readonly holder: 'user' | 'client' | 'everyone';
  readonly name: string;
}

/** The roles that commands work on. Changes tell whether anything is different now. */
export interface Roles {
  list(): Promise<readonly { readonly name: string; readonly rules: number; readonly holders: number }[]>;
  show(name: string): Promise<
    | {
        readonly rules: readonly (AccessRule & { readonly id: number })[];
        readonly holders: readonly Holder[];
      }
    | undefined
  >;
  add(name: string): Promise<boolean>;
  remove(name: string): Promise<boolean>;
  /** @returns the rule's number. */
  addRule(role: string, rule: Pick<AccessRule, 'effect' | 'actions' | 'filter' | 'qosMax'>): Promise<number>;
  removeRule(role: string, rule: number): Promise<boolean>;
  grant(role: string, holder: Holder): Promise<boolean>;
  revoke(role: string, holder: Holder): Promise<boolean>;
}

/** Opens the roles of a configuration's database for one command. @throws Error that says what to do. */
export type UseRoles = (
  options: ConfigOptions,
  use: (roles: Roles) => Promise<readonly string[]>,
) => Promise<readonly string[]>;

interface RuleOptions extends ConfigOptions {
  readonly qosMax?: QoS;
}

interface HolderOptions extends ConfigOptions {
  readonly user?: string;
  readonly client?: string;
  readonly everyone?: boolean;
}

/** `surety role ...`, `surety grant` and `surety revoke`. */
export function addRole(
  cli: Command,
  useRoles: UseRoles,
  output: CliOutput,
  exit: (code: number) => void,
): void {
  const role = cli.command('role').description('manage roles, what they may do, and who has them');
  const run = async (
    options: ConfigOptions,
    use: (roles: Roles) => Promise<readonly string[]>,
  ): Promise<void> => {
    for (const line of await useRoles(options, use)) output.out(`${line}\n`);
    exit(EXIT.ok);
  };
  addRoleCommands(role, run);
  addRuleCommands(role, run);
  addHolderCommand(role, 'grant', run);
  addHolderCommand(role, 'revoke', run);
  // What is done most has a short way to it.
  addHolderCommand(cli, 'grant', run);
  addHolderCommand(cli, 'revoke', run);
}

type Run = (options: ConfigOptions, use: (roles: Roles) => Promise<readonly string[]>) => Promise<void>;

function addRoleCommands(role: Command, run: Run): void {
  withConfigOption(role.command('add <role>'))
    .description('make a role, which may do nothing yet')
    .action((name: string, options: ConfigOptions) =>
      run(options, async (roles) => told(await roles.add(name), 'added', 'it is there already')),
    );
  withConfigOption(role.command('remove <role>'))
    .description('remove a role with its rules, and take it from all who have it')
    .action((name: string, options: ConfigOptions) =>
      run(options, async (roles) => told(await roles.remove(name), 'removed', 'there is no such role')),
    );
  withConfigOption(role.command('list'))
    .description('list the roles, with the number of their rules and holders')
    .action((options: ConfigOptions) =>
      run(options, async (roles) =>
        (await roles.list()).map(({ name, rules, holders }) => `${name}\t${rules} rules\t${holders} holders`),
      ),
    );
  withConfigOption(role.command('show <role>'))
    .description('show what a role may do, and who has it')
    .action((name: string, options: ConfigOptions) => run(options, (roles) => shown(roles, name)));
}

function addRuleCommands(role: Command, run: Run): void {
  for (const effect of ['allow', 'deny'] as const) {
    const command = withConfigOption(role.command(`${effect} <role> <actions> <filter>`))
      .description(
        effect === 'allow'
          ? 'let a role do something: read, write, all, or actions with commas between them'
          : 'forbid a role something, whatever else it or other roles may do',
      )
      .addHelpText(
        'after',
        `\nActions: ${ACCESS_ACTIONS.join(', ')}\nIn the filter, %c and %u stand for the client id and the user name.`,
      );
    if (effect === 'allow') command.option('--qos-max <qos>', 'up to this quality of service', parseQos);
    command.action((name: string, words: string, filter: string, { qosMax, ...options }: RuleOptions) => {
      const actions = parseActions(words);
      return run(options, async (roles) => [
        `added rule ${await roles.addRule(name, { effect, actions, filter, qosMax })}`,
      ]);
    });
  }
  withConfigOption(role.command('remove-rule <role> <number>'))
    .description('remove a rule by the number that show has for it')
    .action((name: string, number: string, options: ConfigOptions) => {
      const rule = parseNumber(number);
      return run(options, async (roles) =>
        told(await roles.removeRule(name, rule), 'removed', 'the role has no such rule'),
      );
    });
}

function addHolderCommand(role: Command, name: 'grant' | 'revoke', run: Run): void {
  const isGrant = name === 'grant';
  withConfigOption(role.command(`${name} <role>`))
    .description(isGrant ? 'give a role to somebody' : 'take a role from somebody')
    .option('--user <name>', 'a user, by the name that it proves')
    .option('--client <id>', 'a client, by its id')
    .option('--everyone', 'everyone')
    .action((role: string, options: HolderOptions) => {
      const holder = holderOf(options);
      return run(options, async (roles) =>
        isGrant
          ? told(await roles.grant(role, holder), 'granted', 'it has the role already')
          : told(await roles.revoke(role, holder), 'revoked', 'it does not have the role'),
      );
    });
}

function told(isChanged: boolean, done: string, otherwise: string): readonly string[] {
  return [isChanged ? done : `nothing changed: ${otherwise}`];
}

async function shown(roles: Roles, name: string): Promise<readonly string[]> {
  const role = await roles.show(name);
  if (role === undefined) throw new Error(`there is no role ${name}: see surety role list`);
  return [
    ...role.rules.map((rule) => ruleText(rule)),
    ...role.holders.map(({ holder, name: who }) => `held by ${holder}${who === '' ? '' : ` ${who}`}`),
  ];
}

function holderOf({ user, client, everyone }: HolderOptions): Holder {
  const holders: Holder[] = [];
  if (user !== undefined) holders.push({ holder: 'user', name: user });
  if (client !== undefined) holders.push({ holder: 'client', name: client });
  if (everyone === true) holders.push({ holder: 'everyone', name: '' });
  const [holder, ...more] = holders;
  if (holder === undefined || more.length > 0)
    throw new Error('say who: one of --user, --client and --everyone');
  return holder;
}

/** The actions that words stand for: `read`, `publish,retain`. */
function parseActions(words: string): AccessAction[] {
  const actions = words.split(',').flatMap((word): readonly string[] => ACTION_GROUPS[word] ?? [word]);
  const wrong = actions.find((action) => !(ACCESS_ACTIONS as readonly string[]).includes(action));
  if (wrong === undefined) return [...new Set(actions as AccessAction[])];
  const known = [...Object.keys(ACTION_GROUPS), ...ACCESS_ACTIONS];
  throw new Error(`there is no action ${wrong}: they are ${known.join(', ')}`);
}

function parseNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Error('a rule has a number: see surety role show');
}
