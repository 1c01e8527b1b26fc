/** Packet types as they stand in the upper half of a fixed header. */
export const PacketType = {
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  suback: 9,
} as const;

/** First bytes of the packets that are nothing but a type and a packet id. */
export const AckHeader = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 } as const;

export const DISCONNECT = Buffer.from([0xe0, 0]);

/** Bytes of what each payload starts with: who sent it, and which of its messages it is. */
export const STAMP_BYTES = 8;

/** A message of the test, known by who sends it and by its number. */
export interface TestMessage {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Who sends it. */
  readonly source: number;
  /** Counts the messages of its source. */
  readonly number: number;
  /** Bytes of the payload: at least STAMP_BYTES, or 0, which clears what the topic retains. */
  readonly payloadBytes: number;
}

/** A CONNECT without keep alive. */
export function encodeConnect(clientId: string, cleanSession: boolean, will?: TestMessage): Buffer {
  const willFlags = will === undefined ? 0 : 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0);
  const parts: Buffer[] = [
    lengthPrefixed(Buffer.from('MQTT')),
    Buffer.from([4, (cleanSession ? 2 : 0) | willFlags, 0, 0]),
    lengthPrefixed(Buffer.from(clientId)),
  ];
  if (will !== undefined)
    parts.push(lengthPrefixed(Buffer.from(will.topic)), lengthPrefixed(payloadOf(will)));
  return frame(0x10, Buffer.concat(parts));
}

export function encodeSubscribe(packetId: number, filters: readonly string[], qos: number): Buffer {
  const parts: Buffer[] = [Buffer.from([packetId >>> 8, packetId & 255])];
  for (const filter of filters) parts.push(lengthPrefixed(Buffer.from(filter)), Buffer.from([qos]));
  return frame(0x82, Buffer.concat(parts));
}

/** @param packetId Left out at QoS 0. */
export function encodePublish(message: TestMessage, packetId: number, isResend: boolean): Buffer {
  const { topic, qos, retain } = message;
  const flags = (isResend ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const id = qos === 0 ? Buffer.alloc(0) : Buffer.from([packetId >>> 8, packetId & 255]);
  return frame(0x30 | flags, Buffer.concat([lengthPrefixed(Buffer.from(topic)), id, payloadOf(message)]));
}

export function uint16At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return ((uint16At(bytes, at) << 16) | uint16At(bytes, at + 2)) >>> 0;
}

function payloadOf({ source, number, payloadBytes }: TestMessage): Buffer {
  const payload = Buffer.alloc(payloadBytes, 0x78);
  if (payloadBytes === 0) return payload;
  payload.writeUInt32BE(source, 0);
  payload.writeUInt32BE(number, 4);
  return payload;
}

function lengthPrefixed(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.from([bytes.length >>> 8, bytes.length & 255]), bytes]);
}

function frame(header: number, body: Buffer): Buffer {
  const head = [header];
  let rest = body.length;
  do {
    const digit = rest & 127;
    rest >>>= 7;
    head.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), body]);
}
