import type { Counters } from '../counters.js';
import type { Message } from '../message.js';
import type { DeliverySink } from './delivery-sink.js';
import type { DeliveryTrace } from './delivery-trace.js';

/** A message at QoS 0 for one session. */
interface Offer {
  readonly message: Message;
  readonly retain: boolean;
  readonly trace: DeliveryTrace | undefined;
}

/** At QoS 0 a message is sent now or never. @param sink Undefined while the client is away. */
export function offerOnce(
  sink: DeliverySink | undefined,
  { message, retain, trace }: Offer,
  counters: Counters,
): void {
  if (sink === undefined) counters.dropped.offline++;
  const isSent = sink?.deliver(message, 0, 0, retain) === true;
  if (trace === undefined) return;
  if (isSent) trace.sent();
  else trace.dropped(sink === undefined ? 'offline' : 'outbox_full');
}
