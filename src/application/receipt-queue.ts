import type { FixedHistogram } from '../domain/fixed-histogram.js';
import { Fifo } from '../domain/session/fifo.js';
import type { ClientLink } from './ports/client-link.js';
import type { Clock } from './ports/clock.js';

/** The answers to a sender's packets that may have to wait until the broker owns what was sent. */
export type ReceiptKind = 'puback' | 'pubrec' | 'pubcomp';

/** One answer that is owed to a sender. */
export class Receipt {
  isDue = false;

  constructor(
    readonly kind: ReceiptKind,
    readonly packetId: number,
    /** When the packet that it answers came, in milliseconds since the epoch. */
    readonly sinceMs: number,
  ) {}
}

/**
 * Sends a connection's receipts in the order of the packets that they answer [MQTT-4.6.0-2]
 * [MQTT-4.6.0-3]: one that isn't due holds back those behind it.
 */
export class ReceiptQueue {
  private readonly waiting = new Fifo<Receipt>();

  constructor(
    private readonly link: ClientLink,
    private readonly clock: Pick<Clock, 'turnMs'>,
    /** Told how long each receipt has waited that had to, in seconds. */
    private readonly waits: FixedHistogram,
  ) {}

  /** Sends a receipt that is due already, behind those that wait. */
  send(kind: ReceiptKind, packetId: number): void {
    if (this.waiting.length === 0) this.link[kind](packetId);
    else this.expect(kind, packetId).isDue = true;
  }

  /** Keeps a place for a receipt that becomes due later. */
  expect(kind: ReceiptKind, packetId: number): Receipt {
    const receipt = new Receipt(kind, packetId, this.clock.turnMs());
    this.waiting.push(receipt);
    return receipt;
  }

  /** The receipt may go out now. */
  due(receipt: Receipt): void {
    receipt.isDue = true;
    this.waits.observe((this.clock.turnMs() - receipt.sinceMs) / 1000);
    if (!this.link.isOpen) return;
    for (let head = this.waiting.peek(); head?.isDue === true; head = this.waiting.peek()) {
      this.waiting.shift();
      this.link[head.kind](head.packetId);
    }
  }
}
