import type { CloseReason } from '../../domain/close-reason.js';
import { messageOf } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import { parseTopicName, type TopicLimits } from '../../domain/topic/topic-name.js';
import { Will } from '../../domain/will/will.js';
import { FieldReader } from './field-reader.js';
import type { Frame } from './frame.js';
import type { ConnectFields } from './packet-handler.js';
import type { ProtocolLevel } from './packet-types.js';
import { topicFault } from './topic-fault.js';

export type ConnectResult =
  | { readonly fields: ConnectFields; readonly level: ProtocolLevel }
  | { readonly unsupportedLevel: true }
  | { readonly fault: CloseReason };

/** Bits of the connect flags. */
const RESERVED = 0x01;
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS = 0x18;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** Reads a CONNECT of MQTT 3.1.1 or of MQTT 3.1. */
export function readConnect(frame: Frame, limits: TopicLimits): ConnectResult {
  const reader = new FieldReader(frame.bytes, frame.body, frame.bytes.length);
  const name = reader.text();
  const level = reader.uint8();
  if (reader.fault !== undefined) return { fault: reader.fault };
  if (name !== 'MQTT' && name !== 'MQIsdp') return { fault: 'unknown_protocol' }; // [MQTT-3.1.2-1]
  if (level !== (name === 'MQTT' ? 4 : 3)) return { unsupportedLevel: true }; // [MQTT-3.1.2-2]
  let flags = reader.uint8();
  if (level === 3) flags = flagsOfLevel3(reader, flags);
  const fault = flagsFault(flags);
  if (fault !== undefined) return { fault }; // [MQTT-3.1.4-1]
  const fields = readFields(reader, flags, limits);
  return typeof fields === 'string' ? { fault: fields } : { fields, level };
}

/** MQTT 3.1 leaves the reserved bit unchecked, and lets a flagged user name or password be absent. */
function flagsOfLevel3(reader: FieldReader, flags: number): number {
  const ahead = reader.fork();
  ahead.uint16();
  ahead.binary();
  if ((flags & WILL) !== 0) for (let i = 0; i < 2; i++) ahead.binary();
  let mended = flags & ~RESERVED;
  for (const flag of [USER_NAME, PASSWORD]) {
    if ((flags & flag) !== 0 && ahead.isAtEnd) mended &= ~flag;
    else if ((flags & flag) !== 0) ahead.binary();
  }
  return mended;
}

function flagsFault(flags: number): CloseReason | undefined {
  const willBits = flags & (WILL_QOS | WILL_RETAIN);
  const isWrong =
    (flags & RESERVED) !== 0 || // [MQTT-3.1.2-3]
    ((flags & WILL) === 0 && willBits !== 0) || // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]
    (flags & WILL_QOS) === WILL_QOS || // [MQTT-3.1.2-14]
    (flags & (USER_NAME | PASSWORD)) === PASSWORD; // [MQTT-3.1.2-22]
  return isWrong ? 'malformed_packet' : undefined;
}

/** The fields that the flags announce, in their order, and nothing behind them [MQTT-3.1.3-1] [MQTT-3.1.3-3]. */
function readFields(reader: FieldReader, flags: number, limits: TopicLimits): ConnectFields | CloseReason {
  const keepAliveSeconds = reader.uint16();
  const clientId = reader.text(); // [MQTT-3.1.3-4]
  const will = (flags & WILL) === 0 ? undefined : readWill(reader, flags, limits);
  const userName = (flags & USER_NAME) === 0 ? undefined : reader.text(); // [MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.3-11]
  const password = (flags & PASSWORD) === 0 ? undefined : reader.binary(); // [MQTT-3.1.2-20] [MQTT-3.1.2-21]
  reader.expectEnd();
  if (reader.fault !== undefined) return reader.fault;
  if (typeof will === 'string') return will;
  return {
    clientId,
    cleanSession: (flags & CLEAN_SESSION) !== 0,
    keepAliveSeconds,
    will,
    userName,
    password,
  };
}

function readWill(reader: FieldReader, flags: number, limits: TopicLimits): Will | CloseReason {
  const name = reader.text(); // [MQTT-3.1.2-9] [MQTT-3.1.3-10]
  const payload = reader.binary();
  const topic = parseTopicName(name, limits);
  if (topic === undefined) return topicFault(name, limits);
  return new Will(messageOf(topic, payload, ((flags & WILL_QOS) >> 3) as QoS, (flags & WILL_RETAIN) !== 0));
}
