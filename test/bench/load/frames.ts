/** Where the fields that change from message to message stand in an encoded PUBLISH. */
export interface PublishTemplate {
  readonly frame: Buffer;
  /** Offset of the packet id's two bytes; 0 at QoS 0, where there is none. */
  readonly packetIdAt: number;
  /** Offset of the payload: four bytes each of time, publisher, and message number. */
  readonly payloadAt: number;
}

/** The credentials of CONNECT; both may be absent. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** Payloads start with a time, the publisher's number and the message's, so none can be smaller, in bytes. */
export const PAYLOAD_BYTES_MIN = 12;

export const encodeConnect = (clientId: string, clean: boolean, { user, password }: Credentials): Buffer => {
  const flags = (clean ? 0x02 : 0) | (user === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const parts: Buffer[] = [lengthPrefixed('MQTT'), Buffer.from([4, flags, 0, 0]), lengthPrefixed(clientId)];
  if (user !== undefined) parts.push(lengthPrefixed(user));
  if (password !== undefined) parts.push(lengthPrefixed(password));
  return frame(0x10, Buffer.concat(parts));
};

/** A SUBSCRIBE for all the filters at one QoS. */
export const encodeSubscribe = (filters: readonly string[], qos: number): Buffer => {
  const parts: Buffer[] = [Buffer.from([0, 1])];
  for (const filter of filters) parts.push(lengthPrefixed(filter), Buffer.from([qos]));
  return frame(0x82, Buffer.concat(parts));
};

/**
 * Encodes the PUBLISH that one publisher sends over and over; time and packet id are patched in later.
 * @param payloadBytes At least PAYLOAD_BYTES_MIN.
 */
export function publishTemplate(
  topic: string,
  qos: number,
  publisher: number,
  payloadBytes: number,
): PublishTemplate {
  const payload = Buffer.alloc(payloadBytes);
  payload.writeUInt32BE(publisher, 4);
  const packetId = Buffer.alloc(qos > 0 ? 2 : 0);
  const whole = frame(0x30 | (qos << 1), Buffer.concat([lengthPrefixed(topic), packetId, payload]));
  const payloadAt = whole.length - payloadBytes;
  return { frame: whole, packetIdAt: qos > 0 ? payloadAt - 2 : 0, payloadAt };
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function frame(header: number, body: Buffer): Buffer {
  const head = [header];
  let rest = body.length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    head.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), body]);
}
