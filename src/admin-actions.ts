import { removeFilePassword, setFilePassword } from './adapters/auth/password-file-edit.js';
import { hashPassword } from './adapters/auth/password-hash.js';
import type { BanActions } from './adapters/cli/ban-commands.js';
import type { ConfigOptions } from './adapters/cli/cli.js';
import type { PasswdActions } from './adapters/cli/passwd-command.js';
import type { UserActions } from './adapters/cli/user-commands.js';
import type { Config } from './adapters/config/config.js';
import { BanAdministration } from './adapters/postgres/ban-administration.js';
import { UserAdministration } from './adapters/postgres/user-administration.js';
import { operator, withBrokerDatabase } from './broker-database.js';

/** What `surety passwd` does. */
export const passwdActions: PasswdActions = { set: setFilePassword, remove: removeFilePassword };

type Load = (options: ConfigOptions) => Config;

/** What `surety user ...` does. @param load Reads the configuration; throws when it is faulty. */
export function userActions(load: Load): UserActions {
  const use = <T>(options: ConfigOptions, work: (users: UserAdministration) => Promise<T>): Promise<T> =>
    withBrokerDatabase(load(options), 'there is no database', (sql) =>
      work(new UserAdministration(sql, operator())),
    );
  return {
    add: async (options, name, password) => {
      const hash = await newHash(name, password);
      await use(options, (users) => users.add(name, hash));
    },
    setPassword: async (options, name, password) => {
      const hash = await newHash(name, password);
      await use(options, (users) => users.setPassword(name, hash));
    },
    setDisabled: (options, name, isDisabled) => use(options, (users) => users.setDisabled(name, isDisabled)),
    remove: (options, name) => use(options, (users) => users.remove(name)),
    list: (options) => use(options, (users) => users.list()),
  };
}

/** What `surety ban ...` does. @param load Reads the configuration; throws when it is faulty. */
export function banActions(load: Load): BanActions {
  const use = <T>(options: ConfigOptions, work: (bans: BanAdministration) => Promise<T>): Promise<T> =>
    withBrokerDatabase(load(options), 'there is no database', (sql) =>
      work(new BanAdministration(sql, operator())),
    );
  return {
    add: (options, { forMs, ...ban }) => {
      const createdAtMs = Date.now();
      const expiresAtMs = forMs === undefined ? undefined : createdAtMs + forMs;
      return use(options, (bans) => bans.add({ ...ban, by: operator(), createdAtMs, expiresAtMs }));
    },
    remove: (options, subject) => use(options, (bans) => bans.remove(subject)),
    list: (options) => use(options, (bans) => bans.list(Date.now())),
  };
}

/** Names that MQTT and the database can both carry. */
async function newHash(name: string, password: string): Promise<string> {
  const bytes = Buffer.byteLength(name);
  // eslint-disable-next-line no-control-regex
  if (bytes === 0 || bytes > 1000 || /[\u0000-\u001f\u007f]/.test(name))
    throw new Error('a user name has 1 to 1000 bytes, and no control characters');
  if (password === '') throw new Error('the password is empty');
  return hashPassword(password);
}
