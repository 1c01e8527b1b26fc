/**
 * Reads what a server sends, and refuses what a server may not send: reserved flags that are not at
 * their fixed value, a client-only packet, a length that does not fit, a topic that is not valid
 * UTF-8 or that holds a wildcard, packet id 0, DUP at QoS 0, a return code outside the table.
 */
import { firstByte, type Qos } from './packets.js';

/** A PUBLISH as received; `packetId` is 0 at QoS 0, where the packet has none. */
export interface ReceivedPublish {
  readonly type: 'publish';
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly packetId: number;
}

type AckType = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp' | 'unsuback';

/** The packets that carry a packet id and nothing more. */
export type ReceivedAck = { [T in AckType]: { readonly type: T; readonly packetId: number } }[AckType];

/** Any packet that a server may send. */
export type ServerPacket =
  | { readonly type: 'connack'; readonly sessionPresent: boolean; readonly returnCode: number }
  | ReceivedPublish
  | ReceivedAck
  | { readonly type: 'suback'; readonly packetId: number; readonly returnCodes: readonly number[] }
  | { readonly type: 'pingresp' };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const ackTypes = new Map<number, AckType>([
  [firstByte.puback, 'puback'],
  [firstByte.pubrec, 'pubrec'],
  [firstByte.pubrel, 'pubrel'],
  [firstByte.pubcomp, 'pubcomp'],
  [firstByte.unsuback, 'unsuback'],
]);

const fail = (bytes: Uint8Array, why: string): never => {
  throw new Error(`the server sent ${Buffer.from(bytes).subarray(0, 40).toString('hex')}: ${why}`);
};

/**
 * The length in bytes of the first frame in `bytes`, or undefined as long as it isn't complete.
 * @throws Error when the Remaining Length is not in its shortest form or has a fifth byte.
 */
export const frameLength = (bytes: Uint8Array): number | undefined => {
  let length = 0;
  for (let index = 1; index <= 4; index += 1) {
    const digit = bytes[index];
    if (digit === undefined) return undefined;
    length += (digit & 0x7f) * 128 ** (index - 1);
    if (digit < 0x80) {
      if (digit === 0 && index > 1) fail(bytes, 'Remaining Length not in its shortest form');
      const total = 1 + index + length;
      return bytes.length < total ? undefined : total;
    }
  }
  return fail(bytes, 'Remaining Length of more than four bytes');
};

const readPublish = (first: number, body: Buffer): ReceivedPublish => {
  const qos = (first >> 1) & 3;
  const dup = (first & 8) !== 0;
  const topicEnd = 2 + (body.length >= 2 ? body.readUInt16BE(0) : 0);
  const bodyStart = topicEnd + (qos > 0 ? 2 : 0);
  if (qos === 3) fail(body, 'QoS 3');
  if (qos === 0 && dup) fail(body, 'DUP at QoS 0');
  if (topicEnd === 2 || body.length < bodyStart) fail(body, 'a PUBLISH without topic or packet id');
  const topic = utf8.decode(body.subarray(2, topicEnd));
  if (/[+#\0]/.test(topic)) fail(body, 'a topic name with a wildcard or U+0000');
  const packetId = qos > 0 ? body.readUInt16BE(topicEnd) : 0;
  if (qos > 0 && packetId === 0) fail(body, 'packet id 0');
  return {
    type: 'publish',
    topic,
    payload: body.subarray(bodyStart).toString('utf8'),
    qos: qos as Qos,
    dup,
    retain: (first & 1) !== 0,
    packetId,
  };
};

const readConnack = (bytes: Buffer, body: Buffer): ServerPacket => {
  const [flags = 0xff, returnCode = 0xff] = body;
  if (body.length !== 2 || flags > 1 || returnCode > 5) fail(bytes, 'not a CONNACK of the standard');
  return { type: 'connack', sessionPresent: flags === 1, returnCode };
};

const readSuback = (bytes: Buffer, body: Buffer): ServerPacket => {
  const returnCodes = [...body.subarray(2)];
  if (returnCodes.length === 0) fail(bytes, 'a SUBACK without return codes');
  if (returnCodes.some((code) => code > 2 && code !== 0x80)) fail(bytes, 'a reserved SUBACK return code');
  return { type: 'suback', packetId: body.readUInt16BE(0), returnCodes };
};

/**
 * Reads one whole frame.
 * @throws Error naming the bytes when a server may not send them.
 */
export const readServerPacket = (bytes: Buffer): ServerPacket => {
  const first = bytes[0] ?? 0;
  const body = bytes.subarray(2 + bytes.subarray(1).findIndex((digit) => digit < 0x80));
  if (first >> 4 === 3) return readPublish(first, body);
  if (first === firstByte.connack) return readConnack(bytes, body);
  if (first === firstByte.suback) return readSuback(bytes, body);
  if (first === firstByte.pingresp && body.length === 0) return { type: 'pingresp' };
  const type = ackTypes.get(first);
  if (type === undefined || body.length !== 2) return fail(bytes, 'not a packet of a server');
  return { type, packetId: body.readUInt16BE(0) };
};
