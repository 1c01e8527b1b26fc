import type { Command } from 'commander';
import { withExamples } from './examples.js';
import { EXIT } from './exit.js';
import { CommandFailure } from './failure.js';
import { type JsonOption, outcomeText, withJsonOption } from './outcome.js';
import type { CliOutput } from './terminal-output.js';

/** What is done to password files. Each throws Error that says what to do. */
export interface PasswdActions {
  /** Adds a user or sets its password. @returns whether the user is new. */
  set(
    file: string,
    user: { readonly name: string; readonly password: string; readonly create: boolean },
  ): Promise<boolean>;
  /** @returns whether there was such a user. */
  remove(file: string, name: string): Promise<boolean>;
}

interface PasswdOptions extends JsonOption {
  readonly create?: boolean;
  readonly batch?: boolean;
  readonly delete?: boolean;
}

/** `surety passwd`, with the options of mosquitto_passwd. */
export function addPasswd(cli: Command, actions: PasswdActions, output: CliOutput): void {
  const passwd = withJsonOption(cli.command('passwd'));
  withExamples(passwd, [
    ['surety passwd -c passwords.txt ann', 'make the file, with a user whose password is asked for'],
    ['surety passwd -D passwords.txt ann', 'remove the user'],
  ]);
  passwd
    .description('edit a password file: add a user, set a password, remove a user')
    .argument('<file>', 'the password file')
    .argument('<user>', 'the user name')
    .argument('[password]', 'with -b: the password, which other users of this machine can see meanwhile')
    .option('-c, --create', 'make the file if it is not there')
    .option('-b, --batch', 'take the password from the command line and do not ask')
    .option('-D, --delete', 'remove the user')
    .action(async (file: string, name: string, given: string | undefined, options: PasswdOptions) => {
      if (options.delete === true) {
        if (given !== undefined || options.batch === true)
          throw wrongUsage('-D takes a file and a user, and no password');
        if (!(await actions.remove(file, name)))
          throw new CommandFailure(`${file} has no user ${name}`, EXIT.notFound);
        return output.out(
          outcomeText({ lines: [`removed ${name}`], json: { user: name, removed: true } }, options),
        );
      }
      if ((given !== undefined) !== (options.batch === true))
        throw wrongUsage(
          given === undefined ? '-b needs a password' : 'a password on the command line needs -b',
        );
      const password = given ?? (await output.askPassword());
      const isNew = await actions.set(file, { name, password, create: options.create === true });
      const lines = [`${isNew ? 'added' : 'changed the password of'} ${name}`];
      output.out(outcomeText({ lines, json: { user: name, added: isNew } }, options));
    });
}

function wrongUsage(why: string): CommandFailure {
  return new CommandFailure(why, EXIT.wrongUsage);
}
