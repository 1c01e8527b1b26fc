import type { AdminTokens } from '../../../application/ports/admin-tokens.js';
import type { ConfigOptions } from '../config-option.js';

/** How to get to a broker's admin API. */
export interface AdminRouteTo {
  readonly url: string;
  readonly secret: string;
  /** What to trust there, in PEM; its name then doesn't matter. */
  readonly certificate: string | undefined;
}

/** A row of a list: what stands in its columns, by name. */
export type Row = Readonly<Record<string, unknown>>;

/** What the database holds, for when the broker doesn't run. Rows have the names of the admin API's fields. */
export interface StoredLists {
  sessions(query: { readonly clientId?: string; readonly prefix?: string }): AsyncIterable<readonly Row[]>;
  subscriptions(query: { readonly clientId?: string }): AsyncIterable<readonly Row[]>;
  retained(query: { readonly filter?: string }): AsyncIterable<readonly Row[]>;
  queue(clientId: string): AsyncIterable<readonly Row[]>;
}

/** What the commands about a running broker need of this machine. */
export interface AdminActions {
  /** Where the broker of this configuration is, if it runs; undefined where it has left no word of that. */
  route(options: ConfigOptions): AdminRouteTo | undefined;
  /** Tokens of a broker that doesn't run. */
  tokens(options: ConfigOptions): AdminTokens;
  /** Reads the database beside a broker that doesn't run. @throws Error that says why it can't. */
  withStored(options: ConfigOptions, use: (lists: StoredLists) => Promise<void>): Promise<void>;
}
