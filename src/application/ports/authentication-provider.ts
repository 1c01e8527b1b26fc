import type { Authenticated, Credentials, Refused } from './authenticator.js';

/** What a provider says of credentials: a proof that holds, one that doesn't, or that it is for others to say. */
export type ProviderDecision =
  Omit<Authenticated, 'authentication'> | Omit<Refused, 'authentication'> | 'ignored';

/** One source of truth about who clients are: a file of passwords, a directory, an issuer of tokens. */
export interface AuthenticationProvider {
  /** As the configuration has it, for the audit trail and the metrics. */
  readonly name: string;
  /**
   * Decides, or leaves it to the next.
   * @throws AuthenticationBusy when it has too much to do; any other Error when it can't tell. Both are a refusal.
   */
  decide(credentials: Credentials): Promise<ProviderDecision>;
  /** The files that it reads, if it does. */
  readonly files?: readonly string[];
  /** Reads what it works with: before the first client, and anew whenever asked to. See `Reloadable`. */
  reload?(): Promise<boolean>;
  /** Lets go of connections. */
  stop?(): Promise<void>;
}

/** Too many wait to be checked already: the client may come again. */
export class AuthenticationBusy extends Error {}
