import type { ConnectedClient } from './connected-client.js';
import type { DeliveryJournal } from './ports/delivery-journal.js';

/** The four acknowledgements from a client. */
export class AcknowledgeDelivery {
  constructor(private readonly journal: DeliveryJournal) {}

  puback({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.acknowledge(packetId);
    if (delivery !== undefined && session.durable) this.journal.settle(session, delivery);
  }

  /** Answered by PUBREL, for a durable session once the PUBREC is durable. */
  pubrec({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.received(packetId);
    if (delivery === undefined) return;
    if (session.durable) this.journal.received(session, delivery, () => session.release(delivery));
    else session.release(delivery);
  }

  pubcomp({ session }: ConnectedClient, packetId: number): void {
    const delivery = session.complete(packetId);
    if (delivery !== undefined && session.durable) this.journal.settle(session, delivery);
  }

  /** A sender's PUBREL: answered by PUBCOMP, also for an id that is not known (any more) [MQTT-4.3.3-2]. */
  pubrel({ session, receipts }: ConnectedClient, packetId: number): void {
    session.forgetReceivedId(packetId);
    if (!session.durable) {
      receipts.send('pubcomp', packetId);
      return;
    }
    const receipt = receipts.expect('pubcomp', packetId);
    this.journal.forgetReceivedId(session, packetId, () => receipts.due(receipt));
  }
}
