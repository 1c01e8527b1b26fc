import type { AccessRule } from '../../domain/access/access-rule.js';
import type { AdminCaller } from './admin-caller.js';
import type { NameRange } from './user-directory.js';

/** What sorts of holders a role may have; `everyone` has no name. */
export const HOLDER_KINDS = ['client', 'everyone', 'user'] as const;

/** Who has a role: a user by name, a client by its id, or everyone. */
export interface RoleHolder {
  readonly holder: (typeof HOLDER_KINDS)[number];
  /** Empty for everyone. */
  readonly name: string;
}

/** A role, and how much there is of it. */
export interface RoleSummary {
  readonly name: string;
  readonly rules: number;
  readonly holders: number;
}

/** What a rule of a role says. */
export type NewRule = Pick<AccessRule, 'effect' | 'actions' | 'filter' | 'qosMax'>;
export interface RoleRule extends AccessRule {
  /** No other rule ever gets it. */
  readonly id: number;
}

/** What may be changed about a role. */
export type RoleChange =
  | { readonly change: 'added' | 'removed' }
  | { readonly change: 'rule_removed'; readonly rule: number }
  | ({ readonly change: 'granted' | 'revoked' } & RoleHolder);

/** There is no such role. */
export const NO_ROLE = Symbol('no such role');

/** The roles of the database, for who manages them. Each change leaves its deed for the audit trail in its own transaction. */
export interface RoleDirectory {
  /** By name. */
  list(range: NameRange): Promise<readonly RoleSummary[]>;
  find(name: string): Promise<RoleSummary | undefined>;
  /** By their numbers. */
  rules(
    role: string,
    range: { readonly after: number; readonly limit: number },
  ): Promise<readonly RoleRule[]>;
  /** By what they are, then by name. */
  holders(
    role: string,
    range: { readonly after?: RoleHolder | undefined; readonly limit: number },
  ): Promise<readonly RoleHolder[]>;
  /** @returns the rule's number. */
  addRule(role: string, rule: NewRule, by: AdminCaller): Promise<number | typeof NO_ROLE>;
  /** @returns whether anything has changed. */
  change(role: string, change: RoleChange, by: AdminCaller): Promise<boolean | typeof NO_ROLE>;
}
