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

const NOTHING: readonly Delivery[] = [];

/** Hands over what was in flight when the connection before ended. @returns what of it has to wait. */
export function resendAll(resends: readonly Delivery[], sink: DeliverySink | undefined): readonly Delivery[] {
  let done = 0;
  for (; sink?.writable === true && done < resends.length; done++) {
    const delivery = resends[done];
    if (delivery !== undefined && delivery.stage !== 'settled') resend(delivery, sink);
  }
  return done === resends.length ? NOTHING : resends.slice(done);
}
