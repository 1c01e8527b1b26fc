import type { Message } from '../message.js';

/** The message that a topic keeps for those who subscribe later. Never one with an empty payload [MQTT-3.3.1-11]. */
export interface RetainedMessage {
  /** Kept: its payload doesn't hold a read buffer. */
  readonly message: Message;
  /** Milliseconds since the epoch at which it was published. */
  readonly publishedAtMs: number;
}
