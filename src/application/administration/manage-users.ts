import { userNameFault } from '../../domain/access/names.js';
import type { AdminCaller } from '../ports/admin-caller.js';
import type { ListedUser, UserChange, UserDirectory } from '../ports/user-directory.js';
import type { WalkRange } from './browse-state.js';
import type { SettleChange } from './settle-change.js';
import { type Change, type Step, stepByName } from './views.js';

/** What a new user or password can't be. */
export type UserFault = 'name_taken' | 'bad_user_name' | 'empty_password';

/** Changes the users of the database. Passwords are hashed before anything else is done with them. */
export class ManageUsers {
  constructor(
    private readonly users: UserDirectory,
    private readonly hash: (password: string) => Promise<string>,
    private readonly settle: SettleChange,
  ) {}

  async list({ after, limit }: WalkRange): Promise<Step<ListedUser>> {
    return stepByName(await this.users.list({ after: after.name, limit }), limit);
  }

  find(name: string): Promise<ListedUser | undefined> {
    return this.users.find(name);
  }

  async add(name: string, password: string, by: AdminCaller): Promise<Change | UserFault> {
    if (userNameFault(name) !== undefined) return 'bad_user_name';
    if (password === '') return 'empty_password';
    const isNew = await this.users.add(name, await this.hash(password), by);
    return isNew ? this.settle('user.add', by, { user: name }) : 'name_taken';
  }

  /** @returns undefined when there is no such user. */
  async setPassword(
    name: string,
    password: string,
    by: AdminCaller,
  ): Promise<Change | UserFault | undefined> {
    if (password === '') return 'empty_password';
    return this.change('user.password', name, { passwordHash: await this.hash(password) }, by);
  }

  /** Whoever is disabled is cut off. @returns undefined when there is no such user. */
  setDisabled(name: string, isDisabled: boolean, by: AdminCaller): Promise<Change | undefined> {
    return this.change(isDisabled ? 'user.disable' : 'user.enable', name, { isDisabled }, by);
  }

  /** Whoever is removed is cut off. @returns undefined when there is no such user. */
  async remove(name: string, by: AdminCaller): Promise<Change | undefined> {
    return (await this.users.remove(name, by)) ? this.settle('user.remove', by, { user: name }) : undefined;
  }

  private async change(
    action: string,
    name: string,
    change: UserChange,
    by: AdminCaller,
  ): Promise<Change | undefined> {
    const isThere = await this.users.change(name, change, by);
    return isThere ? this.settle(action, by, { user: name }) : undefined;
  }
}
