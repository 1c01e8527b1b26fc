import type { Principal } from '../../domain/access/principal.js';
import type { ClientId } from '../../domain/client-id.js';
import { ConnectCode } from '../../domain/connect-code.js';

/** What a client shows to be let in. */
export interface Credentials {
  readonly clientId: ClientId;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly remoteAddress: string;
  /** Whether the listener that it came by takes clients without credentials. */
  readonly anonymousAllowed: boolean;
}

/** The principal and the name of the way in which it was proved, or the return code that refuses the CONNECT. */
export type AuthenticationResult =
  | { readonly principal: Principal; readonly authentication: string }
  | { readonly refusal: typeof ConnectCode.badUserNameOrPassword | typeof ConnectCode.notAuthorized };

/** Decides who gets in. A rejection of the promise counts as a refusal. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<AuthenticationResult>;
}
