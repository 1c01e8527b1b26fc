import type { ClientId } from '../../domain/client-id.js';

/** Randomness for names. */
export interface IdentifierSource {
  /** A client id that nobody has or guesses, for a client that sent none [MQTT-3.1.3-6]. */
  newClientId(): ClientId;
}
