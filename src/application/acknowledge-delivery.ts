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

  /**
   * A sender's PUBREL: answered by PUBCOMP, also for an id that is not known (any more) [MQTT-4.3.3-2].
   * A stored id means a new message only when its removal is durable.
   */
  pubrel({ session, receipts }: ConnectedClient, packetId: number): void {
    const { receivedIds } = session;
    const holder = receivedIds.holder(packetId);
    if (holder === undefined || !session.isStored) {
      receivedIds.forget(packetId);
      receipts.send('pubcomp', packetId);
      return;
    }
    const receipt = receipts.expect('pubcomp', packetId);
    const answer = (): void => receipts.due(receipt);
    if (holder instanceof IdRemoval) holder.await(answer);
    else this.removeId(session, packetId, answer);
  }

  private removeId(session: Session, packetId: number, answer: () => void): void {
    const removal = new IdRemoval();
    removal.await(answer);
    session.receivedIds.pass(packetId, removal);
    this.journal.forgetReceivedId(session, packetId, () => {
      session.receivedIds.forget(packetId);
      removal.committed();
    });
  }

  private settle(session: Session, delivery: Delivery): void {
    this.journal.settle(session, delivery);
    delivery.tracker?.settled(delivery);
  }
}

/** Holds a packet id whose PUBREL has come, until its removal is durable. */
class IdRemoval {
  private readonly waiters: (() => void)[] = [];

  await(waiter: () => void): void {
    this.waiters.push(waiter);
  }

  committed(): void {
    for (const waiter of this.waiters) waiter();
  }
}
