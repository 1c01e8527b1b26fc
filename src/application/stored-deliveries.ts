import type { Delivery } from '../domain/session/delivery.js';
import type { BacklogRange, DeliveryStore, Trim } from '../domain/session/delivery-store.js';
import type { Session } from '../domain/session/session.js';
import type { Subscription } from '../domain/subscription/subscription.js';
import type { MessageTrail } from './message-trail.js';
import type { BacklogReader } from './ports/backlog-reader.js';
import type { DeliveryJournal } from './ports/delivery-journal.js';
import type { SessionStore } from './ports/session-store.js';
import { Publication } from './publication.js';

/** What sessions ask of their store, by way of the journal. */
export class StoredDeliveries implements DeliveryStore {
  constructor(
    private readonly journal: DeliveryJournal,
    private readonly reader: BacklogReader,
    private readonly sessions: SessionStore,
    private readonly messages: MessageTrail,
  ) {}

  keep(session: Session, delivery: Delivery): void {
    const publication = new Publication(delivery.message.queueBytes);
    publication.owe(session, delivery);
    publication.trace = this.messages.replayOf(delivery);
    this.journal.append(publication);
  }

  replayed(session: Session, subscription: Subscription<unknown>): void {
    this.sessions.replayed(session, subscription);
  }

  drop(session: Session, delivery: Delivery): void {
    this.journal.settle(session, delivery);
    delivery.tracker?.settled(delivery);
  }

  trim(session: Session, trim: Trim): void {
    this.journal.trim(session, trim, this.messages.trimOf(session));
  }

  read(session: Session, range: BacklogRange): void {
    void this.reader.read(session, range).then((deliveries) => {
      this.messages.resume(session, deliveries);
      session.restock({ range, deliveries });
    });
  }
}
