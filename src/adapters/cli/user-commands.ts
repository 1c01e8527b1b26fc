import type { Command } from 'commander';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import type { CliOutput } from './terminal-output.js';

/** A user as it is listed. */
export interface ListedUser {
  readonly name: string;
  readonly isDisabled: boolean;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** What is done to the users of the database, whether or not the broker runs. Each throws Error that says what to do. */
export interface UserActions {
  add(options: ConfigOptions, name: string, password: string): Promise<void>;
  setPassword(options: ConfigOptions, name: string, password: string): Promise<void>;
  setDisabled(options: ConfigOptions, name: string, isDisabled: boolean): Promise<void>;
  remove(options: ConfigOptions, name: string): Promise<void>;
  list(options: ConfigOptions): Promise<readonly ListedUser[]>;
}

/** `surety user ...` */
export function addUser(cli: Command, actions: UserActions, output: CliOutput): void {
  const user = cli.command('user').description('work with the users of the database');
  const named = (name: string, description: string): Command =>
    withConfigOption(user.command(name)).description(description).argument('<name>', 'the user name');
  const withPassword = (name: string, description: string): Command =>
    named(name, description).option(
      '-b, --batch <password>',
      'the password, which other users of this machine can see meanwhile',
    );
  type PasswordOptions = ConfigOptions & { readonly batch?: string };

  withPassword('add', 'add a user').action(async (name: string, options: PasswordOptions) => {
    await actions.add(options, name, options.batch ?? (await output.askPassword()));
    output.out(`added ${name}\n`);
  });
  withPassword('passwd', 'set the password of a user').action(
    async (name: string, options: PasswordOptions) => {
      await actions.setPassword(options, name, options.batch ?? (await output.askPassword()));
      output.out(`changed the password of ${name}\n`);
    },
  );
  named('remove', 'remove a user; its connections end').action(
    async (name: string, options: ConfigOptions) => {
      await actions.remove(options, name);
      output.out(`removed ${name}\n`);
    },
  );
  for (const [verb, isDisabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    const description = isDisabled ? 'keep a user out; its connections end' : 'let a disabled user in again';
    named(verb, description).action(async (name: string, options: ConfigOptions) => {
      await actions.setDisabled(options, name, isDisabled);
      output.out(`${verb}d ${name}\n`);
    });
  }
  withConfigOption(user.command('list'))
    .description('list the users: name, state, when it was added and changed')
    .action(async (options: ConfigOptions) => {
      for (const { name, isDisabled, createdAt, changedAt } of await actions.list(options))
        output.out(
          `${JSON.stringify(name).slice(1, -1)}\t${isDisabled ? 'disabled' : 'enabled'}\t${createdAt.toISOString()}\t${changedAt.toISOString()}\n`,
        );
    });
}
