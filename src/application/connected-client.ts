import type { AccessPolicy } from '../domain/access/access-policy.js';
import type { Principal } from '../domain/access/principal.js';
import type { Session } from '../domain/session/session.js';
import type { Will } from '../domain/will/will.js';
import type { ClientLink } from './ports/client-link.js';
import { ReceiptQueue } from './receipt-queue.js';

/** A client between its accepted CONNECT and the end of that connection. */
export class ConnectedClient {
  readonly receipts: ReceiptQueue;
  /** Whether its CONNACK 0 was sent. */
  isAccepted = false;
  hasEnded = false;

  constructor(
    readonly session: Session,
    readonly link: ClientLink,
    readonly principal: Principal,
    readonly access: AccessPolicy,
    readonly will: Will | undefined,
  ) {
    this.receipts = new ReceiptQueue(link);
  }
}
