/**
 * MQTT 3.1.1 control packets as bytes, written and read without any of the broker's code, so that a
 * fault in the broker's codec can't hide itself. The builders let a test write what the standard
 * forbids; the reader is strict and throws on anything that a server may not send.
 */

/** A quality of service level. */
export type Qos = 0 | 1 | 2;

/** Text is written as UTF-8; bytes are written as they are, valid or not. */
export type Field = string | Uint8Array;

/** The will of a CONNECT packet. */
export interface WillFields {
  readonly topic: Field;
  readonly payload?: Field;
  readonly qos?: number;
  readonly retain?: boolean;
}

/** What a well-formed CONNECT is made of; whatever is left out takes the plainest value. */
export interface ConnectFields {
  readonly protocolName?: Field;
  readonly level?: number;
  readonly clientId?: Field;
  readonly cleanSession?: boolean;
  /** Seconds; 0, the default, turns the mechanism off. */
  readonly keepAlive?: number;
  readonly will?: WillFields;
  readonly username?: Field;
  readonly password?: Field;
}

/** The parts of a PUBLISH; `packetId` is written whenever it is given. */
export interface PublishFields {
  readonly topic: Field;
  readonly payload?: Field;
  readonly qos?: number;
  readonly dup?: boolean;
  readonly retain?: boolean;
  readonly packetId?: number;
}

/** First bytes of the packets without free flags. */
export const firstByte = {
  connect: 0x10,
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  subscribe: 0x82,
  suback: 0x90,
  unsubscribe: 0xa2,
  unsuback: 0xb0,
  pingreq: 0xc0,
  pingresp: 0xd0,
  disconnect: 0xe0,
} as const;

const bytesOf = (value: Field): Buffer =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value);

/** A 16 bit big-endian integer. */
export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** A length-prefixed field: string, will message or password. */
export const field = (value: Field): Buffer => {
  const bytes = bytesOf(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
};

/** The Remaining Length in its shortest form. */
export const remainingLength = (length: number): Buffer => {
  const digits: number[] = [];
  let rest = length;
  do {
    digits.push((rest % 128) + (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(digits);
};

/** One whole packet: fixed header in front of the parts. */
export const frame = (first: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first]), remainingLength(body.length), body]);
};

/** A CONNECT whose flags and payload are given as they are, fitting or not. */
export const connectOf = (
  flags: number,
  payload: readonly Uint8Array[],
  { protocolName = 'MQTT', level = 4, keepAlive = 0 }: ConnectFields = {},
): Buffer =>
  frame(firstByte.connect, field(protocolName), Buffer.from([level, flags]), uint16(keepAlive), ...payload);

/** A CONNECT whose flags and payload agree. */
export const connect = (fields: ConnectFields = {}): Buffer => {
  const { clientId = '', cleanSession = true, will, username, password } = fields;
  const payload = [field(clientId)];
  let flags = cleanSession ? 0x02 : 0;
  if (will !== undefined) {
    flags |= 0x04 | ((will.qos ?? 0) << 3) | (will.retain === true ? 0x20 : 0);
    payload.push(field(will.topic), field(will.payload ?? ''));
  }
  if (username !== undefined) {
    flags |= 0x80;
    payload.push(field(username));
  }
  if (password !== undefined) {
    flags |= 0x40;
    payload.push(field(password));
  }
  return connectOf(flags, payload, fields);
};

/** A PUBLISH. */
export const publish = ({ topic, payload = '', qos = 0, dup, retain, packetId }: PublishFields): Buffer =>
  frame(
    firstByte.publish | (dup === true ? 8 : 0) | (qos << 1) | (retain === true ? 1 : 0),
    field(topic),
    packetId === undefined ? Buffer.alloc(0) : uint16(packetId),
    bytesOf(payload),
  );

/** A filter and the byte of its requested QoS. */
export type FilterRequest = readonly [filter: Field, qos: number];

/** A SUBSCRIBE with its filters in the order given. */
export const subscribe = (packetId: number, ...requests: FilterRequest[]): Buffer =>
  frame(
    firstByte.subscribe,
    uint16(packetId),
    ...requests.flatMap(([filter, qos]) => [field(filter), Buffer.from([qos])]),
  );

/** An UNSUBSCRIBE with its filters in the order given. */
export const unsubscribe = (packetId: number, ...filters: Field[]): Buffer =>
  frame(firstByte.unsubscribe, uint16(packetId), ...filters.map(field));

export const puback = (packetId: number): Buffer => frame(firstByte.puback, uint16(packetId));
export const pubrec = (packetId: number): Buffer => frame(firstByte.pubrec, uint16(packetId));
export const pubrel = (packetId: number): Buffer => frame(firstByte.pubrel, uint16(packetId));
export const pubcomp = (packetId: number): Buffer => frame(firstByte.pubcomp, uint16(packetId));
export const pingreq = (): Buffer => frame(firstByte.pingreq);
export const disconnect = (): Buffer => frame(firstByte.disconnect);
