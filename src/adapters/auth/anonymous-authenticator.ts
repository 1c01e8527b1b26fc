import type {
  AuthenticationResult,
  Authenticator,
  Credentials,
} from '../../application/ports/authenticator.js';
import { ANONYMOUS } from '../../domain/access/principal.js';
import { ConnectCode } from '../../domain/connect-code.js';

/** Lets every client in where the listener allows it, and nobody elsewhere. */
export class AnonymousAuthenticator implements Authenticator {
  authenticate({ anonymousAllowed }: Credentials): Promise<AuthenticationResult> {
    return Promise.resolve(
      anonymousAllowed
        ? { principal: ANONYMOUS, authentication: 'anonymous' }
        : { refusal: ConnectCode.notAuthorized },
    );
  }
}
