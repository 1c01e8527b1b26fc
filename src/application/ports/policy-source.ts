import type { AccessPolicy } from '../../domain/access/access-policy.js';
import type { Principal } from '../../domain/access/principal.js';
import type { ClientId } from '../../domain/client-id.js';

/** Compiles what a client may do, when it connects. */
export interface PolicySource {
  policyFor(principal: Principal, clientId: ClientId): AccessPolicy;
}
