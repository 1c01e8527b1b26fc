import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { Principal } from '../../domain/access/principal.js';
import type { ClientId } from '../../domain/client-id.js';
import { ConnectCode } from '../../domain/connect-code.js';

/** What a client shows to be let in. */
export interface Credentials {
  readonly clientId: ClientId;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly remoteAddress: string;
  /** The name of the listener that it came by. */
  readonly listener: string;
  /** What it has shown to a listener that asks for certificates. */
  readonly certificate: ClientCertificate | undefined;
  /** Whether the listener that it came by takes clients without credentials. */
  readonly anonymousAllowed: boolean;
}

/** A proof that holds. */
export interface Authenticated {
  readonly principal: Principal;
  /** The name of the provider that has decided. */
  readonly authentication: string;
  /** When the proof ends, and with it the connection, in milliseconds since the epoch; undefined when it doesn't. */
  readonly expiresAtMs?: number | undefined;
}

/** The proof, or the return code that refuses the CONNECT. */
export type AuthenticationResult =
  | Authenticated
  | { readonly refusal: typeof ConnectCode.badUserNameOrPassword | typeof ConnectCode.notAuthorized };

/** Decides who gets in. A rejection of the promise counts as a refusal. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<AuthenticationResult>;
}
