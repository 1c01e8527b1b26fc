import type { RetainedMessage } from '../domain/retained/retained-message.js';
import type { Delivery } from '../domain/session/delivery.js';
import type { Session } from '../domain/session/session.js';
import type { TopicName } from '../domain/topic/topic-name.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalEntry } from './ports/delivery-journal.js';
import type { Receipt } from './receipt-queue.js';

/**
 * The durable side of one publish, from the journal's gathering to its commit: until then its
 * sender's receipt is held back.
 */
export class Publication implements JournalEntry {
  readonly deliveries: { readonly session: Session; readonly delivery: Delivery }[] = [];
  retained: { readonly set: RetainedMessage } | { readonly clear: TopicName } | undefined;
  received: { readonly session: Session; readonly packetId: number } | undefined;
  isCommitted = false;
  private sender: ConnectedClient | undefined;
  private receipt: Receipt | undefined;

  /** Names the sender whose receipt is due once this is committed. */
  answers(sender: ConnectedClient, receipt: Receipt): void {
    this.sender = sender;
    this.receipt = receipt;
  }

  committed(): void {
    this.isCommitted = true;
    if (this.sender !== undefined && this.receipt !== undefined) this.sender.receipts.due(this.receipt);
  }
}
