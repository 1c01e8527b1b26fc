import mqttPacket, { type Packet } from 'mqtt-packet';

/** One complete packet, fixed header included. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Where its variable header starts. */
  readonly body: number;
}

/**
 * Splits a packet into fields with mqtt-packet, which takes almost anything: whoever calls this has
 * checked the bytes before. @returns undefined when it is no packet after all.
 */
export function tokenize<P extends Packet>(frame: Uint8Array): P | undefined {
  let found: Packet | undefined;
  const parser = mqttPacket.parser();
  parser.on('packet', (packet) => (found = packet));
  parser.on('error', () => (found = undefined));
  parser.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.length));
  return found as P | undefined;
}
