import { randomUUID } from 'node:crypto';

import type { IdentifierSource } from '../../application/ports/identifier-source.js';
import type { ClientId } from '../../domain/client-id.js';

/** Client ids from the system's randomness. */
export class RandomIdentifierSource implements IdentifierSource {
  newClientId(): ClientId {
    return `surety-${randomUUID()}` as ClientId;
  }
}
