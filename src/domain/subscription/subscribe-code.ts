import type { QoS } from '../qos.js';

/** A filter that was refused; 3.1.1 has no more to say about why. */
export const SUBSCRIBE_FAILURE = 0x80;

/** SUBACK return codes: the granted quality, or failure [MQTT-3.9.3-2]. */
export type SubscribeCode = QoS | typeof SUBSCRIBE_FAILURE;
