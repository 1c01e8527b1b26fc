/** Messages that somebody may miss: those for absent clients at QoS 0 and those without permission aren't among them. */
export const DROPPED_UNWANTED = 'reason=~"queue_full|outbox_full|retained_full"';
