import type { Delivery } from '../domain/session/delivery.js';
import type { Session } from '../domain/session/session.js';
import type { ConnectedClient } from './connected-client.js';
import type { DeliveryJournal } from './ports/delivery-journal.js';

/** The four acknowledgements from a client. */
export class AcknowledgeDelivery {
  constructor(private readonly journal: DeliveryJournal) {}

  puback({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.acknowledge(packetId);
    if (delivery !== undefined && session.isStored) this.settle(session, delivery);
  }

  /** Answered by PUBREL, for a stored session once the PUBREC is durable. */
  pubrec({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.received(packetId);
    if (delivery === undefined) return;
    if (session.isStored) this.journal.received(session, delivery, () => session.release(delivery));
    else session.release(delivery);
  }

  pubcomp({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.complete(packetId);
    if (delivery !== undefined && session.isStored) this.settle(session, delivery);
  }

  /** A sender's PUBREL: answered by PUBCOMP, also for an id that is not known (any more) [MQTT-4.3.3-2]. */
  pubrel({ session, receipts }: ConnectedClient, packetId: number): void {
    const isKnown = session.receivedIds.forget(packetId);
    if (!isKnown || !session.isStored) {
      receipts.send('pubcomp', packetId);
      return;
    }
    const receipt = receipts.expect('pubcomp', packetId);
    this.journal.forgetReceivedId(session, packetId, () => receipts.due(receipt));
  }

  private settle(session: Session, delivery: Delivery): void {
    this.journal.settle(session, delivery);
    delivery.tracker?.settled(delivery);
  }
}
