import type { Delivery } from './delivery.js';
import type { DeliverySink } from './delivery-sink.js';

/** Hands over what may leave: for the first time, or again. */
export function handOver(delivery: Delivery, sink: DeliverySink): void {
  if (delivery.isResend || delivery.stage !== 'queued') resend(delivery, sink);
  else {
    sink.deliver(delivery.message, delivery.qos, delivery.packetId, delivery.retain);
    delivery.trace?.sent();
  }
  if (delivery.stage === 'queued') delivery.stage = 'sent';
}

/** Hands over what a connection that comes back is sent for a delivery that was sent before. */
function resend(delivery: Delivery, sink: DeliverySink): void {
  const { message, qos, packetId, retain, stage } = delivery;
  if (stage === 'released') sink.release(packetId);
  else if (stage !== 'received') {
    sink.redeliver(message, qos, packetId, retain);
    delivery.trace?.sent();
  }
}

/** Sends deliveries again for as long as there is a connection that takes them. @returns those that have to wait. */
export function resendAll(
  deliveries: readonly Delivery[],
  sink: DeliverySink | undefined,
): readonly Delivery[] {
  let done = 0;
  for (; sink?.writable === true && done < deliveries.length; done++) {
    const delivery = deliveries[done];
    if (delivery !== undefined && delivery.stage !== 'settled') resend(delivery, sink);
  }
  return done === 0 ? deliveries : deliveries.slice(done);
}
