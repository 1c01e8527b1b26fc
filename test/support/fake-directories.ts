import type { AdminCaller } from '../../src/application/ports/admin-caller.js';
import {
  type NewRule,
  NO_ROLE,
  type RoleChange,
  type RoleDirectory,
  type RoleHolder,
  type RoleRule,
} from '../../src/application/ports/role-directory.js';
import type {
  ListedUser,
  NameRange,
  UserChange,
  UserDirectory,
} from '../../src/application/ports/user-directory.js';

function partOf<T extends { readonly name: string }>(
  all: Iterable<T>,
  { after = '', limit }: NameRange,
): T[] {
  const sorted = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.filter(({ name }) => name > after).slice(0, limit);
}

/** Users in memory, with the hashes of their passwords and with who has changed them. */
export class FakeUserDirectory implements UserDirectory {
  readonly hashes = new Map<string, string>();
  readonly changers: AdminCaller[] = [];
  private readonly users = new Map<string, ListedUser>();

  list(range: NameRange) {
    return Promise.resolve(partOf(this.users.values(), range));
  }

  find(name: string) {
    return Promise.resolve(this.users.get(name));
  }

  add(name: string, passwordHash: string, by: AdminCaller) {
    if (this.users.has(name)) return Promise.resolve(false);
    this.changers.push(by);
    this.hashes.set(name, passwordHash);
    this.users.set(name, { name, isDisabled: false, createdAtMs: 0, changedAtMs: 0 });
    return Promise.resolve(true);
  }

  change(name: string, change: UserChange, by: AdminCaller) {
    const user = this.users.get(name);
    if (user === undefined) return Promise.resolve(false);
    this.changers.push(by);
    if ('passwordHash' in change) this.hashes.set(name, change.passwordHash);
    else this.users.set(name, { ...user, isDisabled: change.isDisabled });
    return Promise.resolve(true);
  }

  remove(name: string, by: AdminCaller) {
    this.changers.push(by);
    return Promise.resolve(this.users.delete(name));
  }
}

interface Role {
  readonly rules: RoleRule[];
  readonly holders: Map<string, RoleHolder>;
}

/** Roles in memory. */
export class FakeRoleDirectory implements RoleDirectory {
  readonly changers: AdminCaller[] = [];
  private readonly roles = new Map<string, Role>();
  private rulesMade = 0;

  list(range: NameRange) {
    return Promise.resolve(partOf(this.summaries(), range));
  }

  find(name: string) {
    return Promise.resolve(this.summaries().find((role) => role.name === name));
  }

  rules(role: string, { after, limit }: { readonly after: number; readonly limit: number }) {
    const rules = this.roles.get(role)?.rules.filter(({ id }) => id > after) ?? [];
    return Promise.resolve(rules.slice(0, limit));
  }

  holders(
    role: string,
    { after, limit }: { readonly after?: RoleHolder | undefined; readonly limit: number },
  ) {
    const holders = [...(this.roles.get(role)?.holders ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    const behind = after === undefined ? holders : holders.filter(([key]) => key > keyOf(after));
    return Promise.resolve(behind.slice(0, limit).map(([, holder]) => holder));
  }

  addRule(name: string, rule: NewRule, by: AdminCaller) {
    const role = this.roles.get(name);
    if (role === undefined) return Promise.resolve(NO_ROLE);
    this.changers.push(by);
    const id = ++this.rulesMade;
    role.rules.push({ ...rule, id, provider: 'roles', source: `role ${name}, rule ${id}` });
    return Promise.resolve(id);
  }

  change(name: string, change: RoleChange, by: AdminCaller) {
    const role = this.roles.get(name);
    if (role === undefined && change.change === 'granted') return Promise.resolve(NO_ROLE);
    this.changers.push(by);
    return Promise.resolve(this.make(name, role, change));
  }

  private make(name: string, role: Role | undefined, change: RoleChange): boolean {
    switch (change.change) {
      case 'added':
        if (role === undefined) this.roles.set(name, { rules: [], holders: new Map() });
        return role === undefined;
      case 'removed':
        return this.roles.delete(name);
      case 'rule_removed': {
        const index = role?.rules.findIndex(({ id }) => id === change.rule) ?? -1;
        if (index >= 0) role?.rules.splice(index, 1);
        return index >= 0;
      }
      case 'granted': {
        const isNew = role?.holders.has(keyOf(change)) === false;
        role?.holders.set(keyOf(change), { holder: change.holder, name: change.name });
        return isNew;
      }
      case 'revoked':
        return role?.holders.delete(keyOf(change)) ?? false;
    }
  }

  private summaries() {
    return [...this.roles].map(([name, { rules, holders }]) => {
      return { name, rules: rules.length, holders: holders.size };
    });
  }
}

function keyOf({ holder, name }: RoleHolder): string {
  return `${holder} ${name}`;
}
