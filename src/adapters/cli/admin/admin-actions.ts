import type { ManageRoles, ManageUsers } from '../../../application/administration/administration.js';
import type { AccessAnswer } from '../../../application/ports/access-explainer.js';
import type { AdminCaller } from '../../../application/ports/admin-caller.js';
import type { AdminTokens } from '../../../application/ports/admin-tokens.js';
import type { BanStore } from '../../../application/ports/ban-store.js';
import type { AccessAction } from '../../../domain/access/access-rule.js';
import type { QoS } from '../../../domain/qos.js';
import type { ConfigOptions } from '../config-option.js';

/** How to get to a broker's admin API. */
export interface AdminRouteTo {
  readonly url: string;
  readonly secret: string;
  /** What to trust there, in PEM; its name then doesn't matter. */
  readonly certificate: string | undefined;
  /** Who gives the command, for the audit trail. */
  readonly operator?: string;
}

/** A row of a list: what stands in its columns, by name. */
export type Row = Readonly<Record<string, unknown>>;

/** What the database holds. Rows have the names of the admin API's fields. */
export interface StoredLists {
  sessions(query: { readonly clientId?: string; readonly prefix?: string }): AsyncIterable<readonly Row[]>;
  subscriptions(query: { readonly clientId?: string }): AsyncIterable<readonly Row[]>;
  retained(query: { readonly filter?: string }): AsyncIterable<readonly Row[]>;
  queue(clientId: string): AsyncIterable<readonly Row[]>;
}

/** The database, for when no broker answers. What is changed here a broker hears of, or takes over when it starts. */
export interface Stored {
  readonly lists: StoredLists;
  readonly users: ManageUsers;
  readonly roles: ManageRoles;
  readonly bans: Pick<BanStore, 'load' | 'add' | 'remove'>;
  /** Who gives the command. */
  readonly caller: AdminCaller;
}

/** What `surety explain` asks. */
export interface ExplainOptions extends ConfigOptions {
  readonly client: string;
  readonly user?: string;
  /** Roles that the client's proof brings, beside those that it has by its user name and client id. */
  readonly role?: readonly string[];
  readonly action: AccessAction;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** What the commands about a running broker need of this machine. */
export interface AdminActions {
  /** Where the broker of this configuration is, if it runs; undefined where it has left no word of that. */
  route(options: ConfigOptions): AdminRouteTo | undefined;
  /** Tokens of a broker that doesn't run. */
  tokens(options: ConfigOptions): AdminTokens;
  /** Opens the database while no broker answers. @throws Error that says why it can't. */
  withStored<T>(options: ConfigOptions, use: (stored: Stored) => Promise<T>): Promise<T>;
  /** Says what a client may do by the rules that a broker would start with. @throws Error when they can't be read. */
  explain(options: ExplainOptions): Promise<AccessAnswer>;
}
