import { filterFault } from '../../domain/access/access-rule.js';
import { roleNameFault } from '../../domain/access/names.js';
import type { AdminCaller } from '../ports/admin-caller.js';
import {
  HOLDER_KINDS,
  type NewRule,
  NO_ROLE,
  type RoleChange,
  type RoleDirectory,
  type RoleHolder,
  type RoleRule,
  type RoleSummary,
} from '../ports/role-directory.js';
import type { WalkRange } from './browse-state.js';
import type { SettleChange } from './settle-change.js';
import { type Change, type Step, stepByName } from './views.js';

/** Changes roles, what they may do, and who has them. Undefined stands for a role that isn't there. */
export class ManageRoles {
  constructor(
    private readonly roles: RoleDirectory,
    private readonly settle: SettleChange,
  ) {}

  async list({ after, limit }: WalkRange): Promise<Step<RoleSummary>> {
    return stepByName(await this.roles.list({ after: after.name, limit }), limit);
  }

  find(name: string): Promise<RoleSummary | undefined> {
    return this.roles.find(name);
  }

  async rules(role: string, { after, limit }: WalkRange): Promise<Step<RoleRule> | undefined> {
    const items = await this.roles.rules(role, { after: after.number, limit });
    const last = items.at(-1);
    if (last === undefined && (await this.find(role)) === undefined) return undefined;
    return { items, next: last === undefined || items.length < limit ? undefined : { number: last.id } };
  }

  async holders(role: string, { after, limit }: WalkRange): Promise<Step<RoleHolder> | undefined> {
    const { number, name } = after;
    const holder = HOLDER_KINDS[number];
    const behind = holder === undefined || name === undefined ? undefined : { holder, name };
    const items = await this.roles.holders(role, { after: behind, limit });
    const last = items.at(-1);
    if (last === undefined && (await this.find(role)) === undefined) return undefined;
    const next = last && { number: HOLDER_KINDS.indexOf(last.holder), name: last.name };
    return { items, next: items.length < limit ? undefined : next };
  }

  async add(name: string, by: AdminCaller): Promise<Change | 'bad_role_name' | 'name_taken'> {
    if (roleNameFault(name) !== undefined) return 'bad_role_name';
    return (await this.change('role.add', name, { change: 'added' }, by)) ?? 'name_taken';
  }

  /** With its rules, and taken from all who have it. */
  remove(name: string, by: AdminCaller): Promise<Change | undefined> {
    return this.change('role.remove', name, { change: 'removed' }, by);
  }

  async addRule(
    role: string,
    rule: NewRule,
    by: AdminCaller,
  ): Promise<(Change & { readonly rule: number }) | { readonly fault: string } | undefined> {
    const fault = filterFault(rule.filter);
    if (fault !== undefined) return { fault };
    const id = await this.roles.addRule(role, rule, by);
    return id === NO_ROLE ? undefined : { rule: id, ...this.settle('rule.add', by, { role, rule: id }) };
  }

  /** @returns undefined also when the role has no such rule. */
  removeRule(role: string, rule: number, by: AdminCaller): Promise<Change | undefined> {
    return this.change('rule.remove', role, { change: 'rule_removed', rule }, by);
  }

  /** @returns whether the holder hasn't had the role before. */
  grant(role: string, holder: RoleHolder, by: AdminCaller): Promise<GrantChange | undefined> {
    return this.changeGrant('role.grant', role, { change: 'granted', ...holder }, by);
  }

  /** @returns whether the holder has had the role. */
  revoke(role: string, holder: RoleHolder, by: AdminCaller): Promise<GrantChange | undefined> {
    return this.changeGrant('role.revoke', role, { change: 'revoked', ...holder }, by);
  }

  private async changeGrant(
    action: string,
    role: string,
    change: RoleChange,
    by: AdminCaller,
  ): Promise<GrantChange | undefined> {
    const done = await this.change(action, role, change, by);
    if (done !== undefined) return { ...done, changed: true };
    const isThere = (await this.find(role)) !== undefined;
    return isThere ? { changed: false, durable: Promise.resolve() } : undefined;
  }

  /** @returns undefined when nothing has changed. */
  private async change(
    action: string,
    role: string,
    change: RoleChange,
    by: AdminCaller,
  ): Promise<Change | undefined> {
    const isChanged = await this.roles.change(role, change, by);
    if (isChanged !== true) return undefined;
    return this.settle(action, by, { role, ...change });
  }
}

/** A grant that was asked for, or its end. */
export interface GrantChange extends Change {
  /** Whether anything is different now. */
  readonly changed: boolean;
}
