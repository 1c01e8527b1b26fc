/** What a token lets its holder do; each scope includes those before it. */
export const ADMIN_SCOPES = ['read', 'operate', 'administer'] as const;
export type AdminScope = (typeof ADMIN_SCOPES)[number];

/** What a token may be called: the name stands in the audit trail. */
export const TOKEN_NAME = /^[\w.@-]{1,64}$/;

/** The name of the token that the broker makes at its start for whoever may read its files. */
export const LOCAL_TOKEN_NAME = 'local';

/** A token, without the secret that proves it. */
export interface AdminToken {
  readonly name: string;
  readonly scope: AdminScope;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
}

/** The tokens of the admin API. Secrets are kept as digests alone. */
export interface AdminTokens {
  /** Whose secret this is; undefined when it is nobody's. */
  find(secret: string): Promise<AdminToken | undefined>;
  /** By name. */
  list(): Promise<readonly AdminToken[]>;
  /** @returns the secret, which nobody can be told again; undefined when the name is taken. */
  add(name: string, scope: AdminScope): Promise<string | undefined>;
  /** @returns whether there was such a token. */
  revoke(name: string): Promise<boolean>;
}

/** Whether whoever has one scope may do what takes another. */
export function scopeIncludes(held: AdminScope, wanted: AdminScope): boolean {
  return ADMIN_SCOPES.indexOf(held) >= ADMIN_SCOPES.indexOf(wanted);
}
