import type { Delivery } from './delivery.js';
import type { DeliverySink } from './delivery-sink.js';

/** Hands over what a connection that comes back is sent for a delivery that was sent before. */
export function resend(delivery: Delivery, sink: DeliverySink): void {
  const { message, qos, packetId, retain, stage } = delivery;
  if (stage === 'released') sink.release(packetId);
  else if (stage !== 'received') sink.redeliver(message, qos, packetId, retain);
}

/** Sends deliveries again for as long as the connection takes them. @returns those that have to wait. */
export function resendAll(deliveries: readonly Delivery[], sink: DeliverySink): readonly Delivery[] {
  let done = 0;
  for (; sink.writable && done < deliveries.length; done++) {
    const delivery = deliveries[done];
    if (delivery !== undefined && delivery.stage !== 'settled') resend(delivery, sink);
  }
  return deliveries.slice(done);
}
