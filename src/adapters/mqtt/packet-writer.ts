import type { Counters } from '../../domain/counters.js';
import type { Message } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import type { SubscribeCode } from '../../domain/subscription/subscribe-code.js';
import { type CurrentFrame, PLAIN_PUBLISH } from './current-frame.js';
import { generatePacket } from './generate-packet.js';
import { copy, type Outbox } from './outbox.js';
import { PacketType } from './packet-types.js';

/** Flags of a PUBLISH, beside its QoS. */
export const Flag = { retain: 1, dup: 8 } as const;

/** Puts the packets that the broker sends into an outbox. */
export class PacketWriter {
  constructor(
    private readonly outbox: Outbox,
    private readonly frame: CurrentFrame,
    private readonly counters: Counters,
  ) {}

  /**
   * Sends a PUBLISH. The one that is being routed is copied as it came, with only flags and packet id
   * set; any other is put together.
   * @param flags DUP and RETAIN bits. @param packetId 0 at QoS 0, which carries none [MQTT-2.3.1-5].
   */
  publish(message: Message, qos: QoS, flags: number, packetId: number): void {
    const { counters, frame } = this;
    counters.sent[qos]++;
    counters.sentPayloadBytes[qos] += message.payloadEnd - message.payloadStart;
    const first = PLAIN_PUBLISH | (qos << 1) | flags;
    if (frame.message !== message || (qos === 0 && message.qos > 0)) {
      this.assemble(message, first, packetId);
      return;
    }
    const length = frame.end - frame.start;
    this.count(length);
    if (frame.bytes[frame.start] === PLAIN_PUBLISH && first === PLAIN_PUBLISH) {
      this.outbox.pass(frame.bytes, frame.start, frame.end);
      return;
    }
    const buffer = this.outbox.reserve(length);
    const at = this.outbox.advance(length);
    copy(frame.bytes, frame.start, frame.end, buffer, at);
    buffer[at] = first;
    if (qos > 0) putUint16(buffer, at + frame.topicEnd - frame.start, packetId);
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP. */
  acknowledgement(first: number, packetId: number): void {
    this.count(4);
    const buffer = this.outbox.reserve(4);
    const at = this.outbox.advance(4);
    buffer[at] = first;
    buffer[at + 1] = 2;
    putUint16(buffer, at + 2, packetId);
  }

  connack(returnCode: number, sessionPresent: boolean): void {
    this.put(generatePacket({ cmd: 'connack', returnCode, sessionPresent }));
  }

  suback(messageId: number, granted: readonly SubscribeCode[]): void {
    this.put(generatePacket({ cmd: 'suback', messageId, granted: [...granted] }));
  }

  unsuback(messageId: number): void {
    this.acknowledgement(PacketType.unsuback << 4, messageId);
  }

  pingresp(): void {
    this.count(2);
    const buffer = this.outbox.reserve(2);
    const at = this.outbox.advance(2);
    buffer[at] = PacketType.pingresp << 4;
    buffer[at + 1] = 0;
  }

  private count(bytes: number): void {
    this.counters.sentPackets++;
    this.counters.sentBytes += bytes;
  }

  private assemble(message: Message, first: number, packetId: number): void {
    const topicBytes = Buffer.byteLength(message.topic);
    const remaining = 2 + topicBytes + (packetId === 0 ? 0 : 2) + message.payloadLength;
    const length = 1 + lengthBytes(remaining) + remaining;
    this.count(length);
    const buffer = this.outbox.reserve(length);
    let at = this.outbox.advance(length);
    buffer[at++] = first;
    at = putLength(buffer, at, remaining);
    at = putUint16(buffer, at, topicBytes);
    at += buffer.write(message.topic, at);
    if (packetId !== 0) at = putUint16(buffer, at, packetId);
    copy(message.bytes, message.payloadStart, message.payloadEnd, buffer, at);
  }

  private put(packet: Uint8Array): void {
    this.count(packet.length);
    const buffer = this.outbox.reserve(packet.length);
    buffer.set(packet, this.outbox.advance(packet.length));
  }
}

function putUint16(buffer: Uint8Array, at: number, value: number): number {
  buffer[at] = value >> 8;
  buffer[at + 1] = value & 0xff;
  return at + 2;
}

function lengthBytes(remaining: number): number {
  if (remaining < 128) return 1;
  if (remaining < 16_384) return 2;
  return remaining < 2_097_152 ? 3 : 4;
}

function putLength(buffer: Uint8Array, start: number, remaining: number): number {
  let at = start;
  let rest = remaining;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 0x80;
  buffer[at++] = rest;
  return at;
}
