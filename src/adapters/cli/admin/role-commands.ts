import { type Command, InvalidArgumentError } from 'commander';

import type { RoleHolder, RoleRule } from '../../../application/ports/role-directory.js';
import {
  ACCESS_ACTIONS,
  ACTION_GROUPS,
  type AccessAction,
  type AccessRule,
  ruleText,
} from '../../../domain/access/access-rule.js';
import type { QoS } from '../../../domain/qos.js';
import { qosOf } from '../arguments.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { Row } from './admin-actions.js';
import { type AdminTools, callsBroker, inPath, printsList } from './admin-command.js';
import { DURABLE, found, rowsOf, storedPages } from './stored-pages.js';

/** `surety role ...`, `surety grant` and `surety revoke`. */
export function addRole(cli: Command, tools: AdminTools): void {
  const role = cli.command('role').description('manage roles, what they may do, and who has them');
  withExamples(role, [
    ['surety role add operators', 'may do nothing yet'],
    ["surety role allow operators read 'plant/#'", 'may subscribe, and get what is published'],
    ["surety role allow operators publish 'plant/+/set' --qos-max 1", 'up to QoS 1'],
    ['surety role grant operators --user ann', 'or: surety grant operators --user ann'],
    ['surety role show operators', 'rules with their numbers, and holders'],
  ]);
  addRoleCommands(role, tools);
  addRuleCommands(role, tools);
  // What is done most has a short way to it.
  for (const parent of [role, cli]) {
    addHolderCommand(parent, 'grant', tools);
    addHolderCommand(parent, 'revoke', tools);
  }
}

function addRoleCommands(role: Command, tools: AdminTools): void {
  callsBroker(role.command('add <role>').description('make a role, which may do nothing yet'), tools, {
    call: (api, _, name) => api.call('POST', '/v1/roles', { body: { name } }),
    stored: async ({ roles, caller }, _, name = '') => {
      const outcome = await roles.add(name, caller);
      if (outcome === 'name_taken') throw failure(`there is a role ${name} already`);
      if (outcome === 'bad_role_name')
        throw failure('the name of a role has 1 to 256 bytes, and no control characters');
      return DURABLE;
    },
    told: (_, name = '') => `added ${name}\n`,
  });
  callsBroker(
    role
      .command('remove <role>')
      .description('remove a role with its rules, and take it from all who have it'),
    tools,
    {
      call: (api, _, name = '') => api.call('DELETE', `/v1/roles/${inPath(name)}`),
      stored: async ({ roles, caller }, _, name = '') => {
        found(await roles.remove(name, caller), `role ${name}`);
        return DURABLE;
      },
      told: (_, name = '') => `removed ${name}\n`,
    },
  );
  printsList(
    role.command('list').description('list the roles, with the number of their rules and holders'),
    {
      columns: [
        ['ROLE', 'name'],
        ['RULES', 'rules'],
        ['HOLDERS', 'holders'],
      ],
      path: () => '/v1/roles',
      stored: ({ roles }) =>
        storedPages(
          (range) => roles.list(range),
          (summary) => ({ ...summary }),
        ),
    },
    tools,
  );
  callsBroker(role.command('show <role>').description('show what a role may do, and who has it'), tools, {
    call: async (api, _, name = '') => ({
      name,
      rules: await rowsOf(await api.list(`/v1/roles/${inPath(name)}/rules`, {})),
      holders: await rowsOf(await api.list(`/v1/roles/${inPath(name)}/holders`, {})),
    }),
    stored: async ({ roles }, _, name = '') => {
      found(await roles.find(name), `role ${name}: see "surety role list"`);
      const rules = storedPages(async (range) => found(await roles.rules(name, range), 'role'), ruleRow);
      const holders = storedPages(
        async (range) => found(await roles.holders(name, range), 'role'),
        holderRow,
      );
      return { name, rules: await rowsOf(rules), holders: await rowsOf(holders) };
    },
    told: ({ rules, holders }, name = '') => roleText(name, rules as AccessRow[], holders as RoleHolder[]),
  });
}

function addRuleCommands(role: Command, tools: AdminTools): void {
  for (const effect of ['allow', 'deny'] as const) {
    const command = role
      .command(`${effect} <role>`)
      .argument('<actions>', 'read, write, all, or actions with commas between them', actionsOf)
      .argument('<filter>', 'a topic filter')
      .description(
        effect === 'allow' ? 'let a role do something' : 'forbid a role something, whatever else rules say',
      )
      .addHelpText(
        'after',
        `\nActions: ${ACCESS_ACTIONS.join(', ')}\nIn the filter, %c and %u stand for the client id and the user name.`,
      );
    if (effect === 'allow') command.option('--qos-max <qos>', 'up to this quality of service', qosOf);
    const ruleOf = (options: Row, actions: unknown, filter: string) => ({
      ...{ effect, actions: actions as AccessAction[], filter },
      qosMax: options['qosMax'] as QoS | undefined,
    });
    callsBroker(command, tools, {
      call: (api, options, name = '', actions = '', filter = '') =>
        api.call('POST', `/v1/roles/${inPath(name)}/rules`, { body: ruleOf(options, actions, filter) }),
      stored: async ({ roles, caller }, options, name = '', actions = '', filter = '') => {
        const outcome = await roles.addRule(name, ruleOf(options, actions, filter), caller);
        const added = found(outcome, `role ${name}: make it with "surety role add"`);
        if ('fault' in added) throw failure(added.fault);
        return { rule: added.rule, ...DURABLE };
      },
      told: ({ rule }) => `added rule ${String(rule)}\n`,
    });
  }
  callsBroker(
    role
      .command('remove-rule <role>')
      .argument('<number>', 'the number that show has for it', ruleNumberOf)
      .description('remove a rule'),
    tools,
    {
      call: (api, _, name = '', rule = '') => api.call('DELETE', `/v1/roles/${inPath(name)}/rules/${rule}`),
      stored: async ({ roles, caller }, _, name = '', rule = '') => {
        found(await roles.removeRule(name, Number(rule), caller), `rule ${rule} of a role ${name}`);
        return DURABLE;
      },
      told: (_, name = '', rule = '') => `removed rule ${rule} of ${name}\n`,
    },
  );
}

function addHolderCommand(parent: Command, verb: 'grant' | 'revoke', tools: AdminTools): void {
  const isGrant = verb === 'grant';
  const command = parent
    .command(`${verb} <role>`)
    .description(isGrant ? 'give a role to somebody' : 'take a role from somebody')
    .option('--user <name>', 'a user, by the name that it proves')
    .option('--client <id>', 'a client, by its id')
    .option('--everyone', 'everyone');
  callsBroker(command, tools, {
    call: (api, options, role = '') => {
      const { holder, name } = holderOf(options);
      const who = { user: { user: name }, client: { clientId: name }, everyone: { everyone: true } }[holder];
      const path = `/v1/roles/${inPath(role)}/holders`;
      return isGrant ? api.call('POST', path, { body: who }) : api.call('DELETE', path, { query: who });
    },
    stored: async ({ roles, caller }, options, role = '') => {
      const holder = holderOf(options);
      const outcome = await (isGrant
        ? roles.grant(role, holder, caller)
        : roles.revoke(role, holder, caller));
      return { changed: found(outcome, `role ${role}`).changed, ...DURABLE };
    },
    told: ({ changed }) => {
      const otherwise = isGrant ? 'it has the role already' : 'it does not have the role';
      return changed === true ? `${verb}${isGrant ? 'ed' : 'd'}\n` : `nothing changed: ${otherwise}\n`;
    },
  });
}

/** A rule as the admin API has it. */
type AccessRow = Omit<AccessRule, 'source'> & { readonly id: number };

function roleText(role: string, rules: readonly AccessRow[], holders: readonly RoleHolder[]): string {
  const lines = [
    ...rules.map((rule) => ruleText({ ...rule, source: `role ${role}, rule ${rule.id}` })),
    ...holders.map(({ holder, name = '' }: Partial<RoleHolder>) =>
      `held by ${String(holder)} ${name}`.trimEnd(),
    ),
  ];
  return lines.length === 0 ? 'it may do nothing, and nobody has it\n' : `${lines.join('\n')}\n`;
}

function ruleRow({ id, effect, actions, filter, qosMax }: RoleRule): Row {
  return { id, effect, actions, filter, ...(qosMax === undefined ? {} : { qosMax }) };
}

function holderRow({ holder, name }: RoleHolder): Row {
  return holder === 'everyone' ? { holder } : { holder, name };
}

/** @throws CommandFailure when there isn't exactly one. */
function holderOf({ user, client, everyone }: Row): RoleHolder {
  const holders: RoleHolder[] = [
    ...(typeof user === 'string' ? [{ holder: 'user' as const, name: user }] : []),
    ...(typeof client === 'string' ? [{ holder: 'client' as const, name: client }] : []),
    ...(everyone === true ? [{ holder: 'everyone' as const, name: '' }] : []),
  ];
  const [holder, ...more] = holders;
  if (holder === undefined || more.length > 0)
    throw new CommandFailure('say who: one of --user, --client and --everyone', EXIT.wrongUsage);
  return holder;
}

/** The actions that words stand for: `read`, `publish,retain`. */
function actionsOf(words: string): AccessAction[] {
  const actions = words.split(',').flatMap((word): readonly string[] => ACTION_GROUPS[word] ?? [word]);
  const wrong = actions.find((action) => !(ACCESS_ACTIONS as readonly string[]).includes(action));
  if (wrong === undefined) return [...new Set(actions as AccessAction[])];
  const known = [...Object.keys(ACTION_GROUPS), ...ACCESS_ACTIONS];
  throw new InvalidArgumentError(`There is no action ${wrong}: they are ${known.join(', ')}.`);
}

function ruleNumberOf(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new InvalidArgumentError('A rule has a number: see surety role show.');
}

function failure(message: string): CommandFailure {
  return new CommandFailure(message, EXIT.failed);
}
