import type { AccessDecision, AccessPolicy } from '../access/access-policy.js';
import type { Message } from '../message.js';

/**
 * What the broker publishes for a client whose connection ends without a DISCONNECT packet.
 *
 * It belongs to one connection, not to the session: a reconnect brings its own or none. Topic,
 * payload, QoS and retain flag are the message's [MQTT-3.1.2-9] [MQTT-3.1.2-16] [MQTT-3.1.2-17].
 */
export class Will {
  constructor(readonly message: Message) {
    message.keep();
  }

  /** Whether a client may have it published: it is checked like a publish, and as a will. */
  decision(access: AccessPolicy): AccessDecision {
    const { topic, qos, retain } = this.message;
    return access.decide({ action: 'will', topic, qos, retain });
  }

  /** Every end of a connection but a DISCONNECT publishes it [MQTT-3.1.2-8] [MQTT-3.14.4-3]. */
  isDue(end: ConnectionEnd): boolean {
    return end !== 'disconnect-packet';
  }
}

/** How a connection ended: by the client's own word, by a newer connection of its id, or otherwise. */
export type ConnectionEnd = 'disconnect-packet' | 'taken-over' | 'lost';
