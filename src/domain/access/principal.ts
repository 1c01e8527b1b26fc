import type { AccessRule } from './access-rule.js';

/** Who a client has proved to be, and what came with the proof. */
export interface Principal {
  /** The user name, certificate name, or the like; undefined for an anonymous client. */
  readonly name: string | undefined;
  /** Roles that the provider vouches for. */
  readonly roles: readonly string[];
  /** Rules that came with the proof, as from a token's claims; undefined when the provider speaks of none. */
  readonly rules: readonly AccessRule[] | undefined;
}

/** Who has proved a name and nothing else. */
export function named(name: string | undefined): Principal {
  return { name, roles: [], rules: undefined };
}

/** A client that was let in without credentials. */
export const ANONYMOUS: Principal = named(undefined);
