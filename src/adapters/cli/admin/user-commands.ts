import type { Command } from 'commander';

import type { ListedUser } from '../../../application/ports/user-directory.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { Row } from './admin-actions.js';
import { type AdminTools, callsBroker, inPath, printsList } from './admin-command.js';
import { DURABLE, found, storedPages } from './stored-pages.js';

/** `surety user ...` */
export function addUser(cli: Command, tools: AdminTools): void {
  const user = cli.command('user').description('work with the users of the database');
  withExamples(user, [
    ['surety user add ann', 'asks for the password'],
    ['pwgen 20 1 | surety user add pump-7', 'takes it from the standard input'],
    ['surety user disable ann', 'keeps ann out, and ends its connections'],
    ['surety user list --json', 'an object a line'],
  ]);
  addPasswordCommands(user, tools);
  callsBroker(user.command('show <name>').description('show a user'), tools, {
    call: (api, _, name = '') => api.call('GET', `/v1/users/${inPath(name)}`),
    stored: async ({ users }, _, name = '') => userRow(found(await users.find(name), `user ${name}`)),
  });
  callsBroker(user.command('remove <name>').description('remove a user; its connections end'), tools, {
    call: (api, _, name = '') => api.call('DELETE', `/v1/users/${inPath(name)}`),
    stored: async ({ users, caller }, _, name = '') => {
      found(await users.remove(name, caller), `user ${name}`);
      return DURABLE;
    },
    told: (_, name = '') => `removed ${name}\n`,
  });
  addStateCommand(user, 'disable', tools);
  addStateCommand(user, 'enable', tools);
  printsList(
    user.command('list').description('list the users'),
    {
      columns: [
        ['NAME', 'name'],
        ['DISABLED', 'disabled'],
        ['ADDED', 'createdAt'],
        ['CHANGED', 'changedAt'],
      ],
      path: () => '/v1/users',
      stored: ({ users }) => storedPages((range) => users.list(range), userRow),
    },
    tools,
  );
}

function addPasswordCommands(user: Command, tools: AdminTools): void {
  const passwordOf = ({ batch }: Row): string | Promise<string> =>
    typeof batch === 'string' ? batch : tools.output.askPassword();
  const withPassword = (name: string, description: string): Command =>
    user
      .command(`${name} <name>`)
      .description(`${description}; it is asked for, or is the first line of the standard input`)
      .option('-b, --batch <password>', 'the password, which other users of this machine can see meanwhile');
  callsBroker(withPassword('add', 'add a user, with a password'), tools, {
    call: async (api, options, name) =>
      api.call('POST', '/v1/users', { body: { name, password: await passwordOf(options) } }),
    stored: async ({ users, caller }, options, name = '') => {
      const outcome = await users.add(name, await passwordOf(options), caller);
      if (outcome === 'name_taken')
        throw new CommandFailure(
          `there is a user ${name} already: "surety user passwd" sets its password`,
          EXIT.failed,
        );
      return faultless(outcome);
    },
    told: (_, name = '') => `added ${name}\n`,
  });
  callsBroker(withPassword('passwd', 'set the password of a user'), tools, {
    call: async (api, options, name = '') =>
      api.call('PUT', `/v1/users/${inPath(name)}/password`, {
        body: { password: await passwordOf(options) },
      }),
    stored: async ({ users, caller }, options, name = '') =>
      faultless(found(await users.setPassword(name, await passwordOf(options), caller), `user ${name}`)),
    told: (_, name = '') => `changed the password of ${name}\n`,
  });
}

function addStateCommand(user: Command, verb: 'disable' | 'enable', tools: AdminTools): void {
  const isDisabled = verb === 'disable';
  const description = isDisabled ? 'keep a user out; its connections end' : 'let a disabled user in again';
  callsBroker(user.command(`${verb} <name>`).description(description), tools, {
    call: (api, _, name = '') => api.call('POST', `/v1/users/${inPath(name)}/${verb}`),
    stored: async ({ users, caller }, _, name = '') => {
      found(await users.setDisabled(name, isDisabled, caller), `user ${name}`);
      return DURABLE;
    },
    told: (_, name = '') => `${verb}d ${name}\n`,
  });
}

/** @throws CommandFailure that says what a name or a password has to be. */
function faultless(outcome: unknown): Row {
  if (outcome === 'bad_user_name')
    throw new CommandFailure('a user name has 1 to 1000 bytes, and no control characters', EXIT.failed);
  if (outcome === 'empty_password') throw new CommandFailure('the password is empty', EXIT.failed);
  return DURABLE;
}

function userRow({ name, isDisabled, createdAtMs, changedAtMs }: ListedUser): Row {
  const [createdAt, changedAt] = [new Date(createdAtMs).toISOString(), new Date(changedAtMs).toISOString()];
  return { name, disabled: isDisabled, createdAt, changedAt };
}
