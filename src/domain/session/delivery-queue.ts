import type { Delivery } from './delivery.js';
import { Fifo } from './fifo.js';

/** Deliveries that wait in memory, in order. */
export class DeliveryQueue extends Fifo<Delivery> {
  /** Topic and payload bytes of their messages. */
  bytes = 0;

  override push(delivery: Delivery): void {
    super.push(delivery);
    this.bytes += delivery.message.queueBytes;
  }

  override shift(): Delivery | undefined {
    this.bytes -= this.peek()?.message.queueBytes ?? 0;
    return super.shift();
  }

  override clear(): void {
    super.clear();
    this.bytes = 0;
  }
}
