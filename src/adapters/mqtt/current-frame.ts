import type { Message } from '../../domain/message.js';

/** A PUBLISH at QoS 0 without flags: the bytes that came in are those that go out. */
export const PLAIN_PUBLISH = 0x30;

/**
 * The bytes of the PUBLISH packet that is being routed. Whoever sends its message on copies these
 * instead of encoding anew: once per publish, however many receivers there are.
 */
export class CurrentFrame {
  message: Message | undefined;
  bytes: Uint8Array = new Uint8Array(0);
  /** The first byte: packet type and flags. */
  start = 0;
  /** Where the topic's length stands, behind the fixed header. */
  body = 0;
  /** Behind the topic: the packet id at QoS 1 and 2, else the payload. */
  topicEnd = 0;
  end = 0;
}
