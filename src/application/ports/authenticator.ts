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
  /** Whether the client is still there to hear the answer: who has gone away needs no costly check. */
  readonly isAwaited: () => boolean;
}

/** A proof that holds. */
export interface Authenticated {
  readonly principal: Principal;
  /** The name of the provider that has decided. */
  readonly authentication: string;
  /** When the proof ends, and with it the connection, in milliseconds since the epoch; undefined when it doesn't. */
  readonly expiresAtMs?: number | undefined;
}

/** Return codes that refuse a CONNECT for what the client has shown. */
export type CredentialsRefusal =
  | typeof ConnectCode.badUserNameOrPassword
  | typeof ConnectCode.notAuthorized
  | typeof ConnectCode.serverUnavailable;

/** A proof that doesn't hold. */
export interface Refused {
  /** All that the client is told. */
  readonly refusal: CredentialsRefusal;
  /** Why, for the audit trail, in a word such as `wrong_password`; undefined where the code says it all. */
  readonly reason?: string | undefined;
  /** The name of the provider that has decided; undefined when none has. */
  readonly authentication?: string | undefined;
}

export type AuthenticationResult = Authenticated | Refused;

/** Decides who gets in. A rejection of the promise counts as a refusal. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<AuthenticationResult>;
}
