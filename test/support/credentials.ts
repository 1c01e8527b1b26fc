import type { Credentials } from '../../src/application/ports/authenticator.js';
import type { ClientId } from '../../src/domain/client-id.js';

/** What a client without credentials shows, but for what a test names. */
export function credentials(
  changes: Partial<Omit<Credentials, 'password' | 'clientId'>> & {
    password?: string;
    clientId?: string;
  } = {},
): Credentials {
  const { password, clientId = 'client', ...others } = changes;
  return {
    clientId: clientId as ClientId,
    userName: undefined,
    password: password === undefined ? undefined : Buffer.from(password),
    remoteAddress: '192.0.2.1',
    listener: 'mqtt://192.0.2.9:1883',
    certificate: undefined,
    anonymousAllowed: false,
    isAwaited: () => true,
    ...others,
  };
}
