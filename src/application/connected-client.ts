import type { AccessPolicy } from '../domain/access/access-policy.js';
import type { Principal } from '../domain/access/principal.js';
import type { AuditActor } from '../domain/audit/audit-event.js';
import type { Session } from '../domain/session/session.js';
import type { Will } from '../domain/will/will.js';
import type { ClientLink } from './ports/client-link.js';
import type { ReceiptQueue } from './receipt-queue.js';

/** What a client was granted when it connected, and what it left. */
export interface ClientTraits {
  readonly principal: Principal;
  /** Who it is in the audit trail. */
  readonly actor: AuditActor;
  readonly access: AccessPolicy;
  readonly will: Will | undefined;
  readonly receipts: ReceiptQueue;
}

/** A client between its accepted CONNECT and the end of that connection. */
export class ConnectedClient {
  readonly receipts: ReceiptQueue;
  readonly principal: Principal;
  readonly actor: AuditActor;
  /** Made anew when rules change. */
  access: AccessPolicy;
  readonly will: Will | undefined;
  /** Whether its CONNACK 0 was sent. */
  isAccepted = false;
  hasEnded = false;

  constructor(
    /** Counts connections: a stored will is known by it. */
    readonly connection: number,
    readonly session: Session,
    readonly link: ClientLink,
    { principal, actor, access, will, receipts }: ClientTraits,
  ) {
    this.principal = principal;
    this.actor = actor;
    this.access = access;
    this.will = will;
    this.receipts = receipts;
  }
}
