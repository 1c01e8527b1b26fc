import type { Delivery } from './delivery.js';
import type { DeliverySink } from './delivery-sink.js';

/** Hands over what a connection that comes back is sent for a delivery that was sent before. */
export function resend(delivery: Delivery, sink: DeliverySink): void {
  const { message, qos, packetId, retain, stage } = delivery;
  if (stage === 'released') sink.release(packetId);
  else if (stage !== 'received') {
    sink.redeliver(message, qos, packetId, retain);
    delivery.trace?.sent();
  }
}
