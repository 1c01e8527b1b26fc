import type { CloseReason } from '../../domain/close-reason.js';
import { Message } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import { readConnect } from './connect-packet.js';
import type { CurrentFrame } from './current-frame.js';
import type { PacketHandler } from './packet-handler.js';
import { PacketType, type ProtocolLevel } from './packet-types.js';
import { readSubscribe, readUnsubscribe, type SubscribeLimits } from './subscription-packets.js';
import { type CachedTopic, sameBytes, type TopicCache } from './topic-cache.js';

export interface DecoderLimits extends SubscribeLimits {
  /** A whole packet, fixed header included. */
  readonly packetBytesMax: number;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Type and length: the most that a fixed header takes. Bytes. */
const FIXED_HEADER_MAX = 5;
/** The first memory that an incomplete packet gets; it doubles as bytes come, not as they are promised. Bytes. */
const PARTIAL_BYTES_MIN = 1024;

/**
 * Finds the packets in a connection's bytes and hands them over, one by one.
 *
 * Packets are decoded where they stand in the chunk that was read. Only a packet that a chunk cuts
 * off is gathered in memory of its own, and never more of it than has come [MQTT-6.0.0-2].
 */
export class PacketDecoder {
  private level: ProtocolLevel = 4;
  /** The beginning of a packet, in the first `partialLength` bytes. */
  private partial = NO_BYTES;
  private partialLength = 0;
  /** Bytes that came while the handler took no packets. */
  private held: Uint8Array[] | undefined;
  private lastTopic: CachedTopic | undefined;
  private isEnded = false;

  constructor(
    private handler: PacketHandler,
    private readonly topics: TopicCache,
    private readonly frame: CurrentFrame,
    private readonly limits: DecoderLimits,
  ) {}

  /** Bytes in memory that wait for more to come. */
  get heldBytes(): number {
    return (this.held ?? []).reduce((bytes, { length }) => bytes + length, this.partialLength);
  }

  /** Hands the packets to this one from now on. */
  handTo(handler: PacketHandler): void {
    this.handler = handler;
  }

  /** Takes the next bytes of the connection. */
  decode(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.held !== undefined || !this.handler.takesPackets) {
      this.hold(chunk);
      return;
    }
    let at = 0;
    if (this.partialLength > 0) at = this.completePartial(chunk);
    at = this.scan(chunk, at);
    if (at === chunk.length || this.isEnded) return;
    if (this.handler.takesPackets) this.keepPartial(chunk, at, chunk.length);
    else this.hold(chunk.subarray(at));
  }

  /** Goes on with what was held back while the handler took no packets. */
  resume(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.decode(held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held));
  }

  /** Lets go of all bytes: nothing more is decoded. */
  clear(): void {
    this.isEnded = true;
    this.held = undefined;
    this.partial = NO_BYTES;
    this.partialLength = 0;
  }

  /** Hands over the complete packets from `at` on. @returns where it stopped. */
  private scan(chunk: Uint8Array, at: number): number {
    const end = chunk.length;
    while (at + 2 <= end && this.handler.takesPackets) {
      let body = at + 2;
      let length = chunk[at + 1] as number;
      if (length >= 0x80) {
        body = this.bodyOf(chunk, at, end);
        if (body < 0) return at;
        length = remainingLength(chunk, at, body);
      }
      const packetEnd = body + length;
      if (packetEnd - at > this.limits.packetBytesMax) {
        this.handler.violate('packet_too_large');
        return at;
      }
      if (packetEnd > end) return at;
      const isQuick = isCheap(chunk[at] as number);
      if (!isQuick && this.handler.mustWait()) return at;
      this.dispatch(chunk, at, body, packetEnd);
      this.handler.handled(isQuick);
      at = packetEnd;
    }
    return at;
  }

  private hold(bytes: Uint8Array): void {
    (this.held ??= []).push(bytes);
  }

  /** Where the body starts behind a length of several bytes; -1 when the header is cut off or wrong. */
  private bodyOf(chunk: Uint8Array, at: number, end: number): number {
    for (let i = at + 1; i < at + FIXED_HEADER_MAX; i++) {
      if (i >= end) return -1;
      if ((chunk[i] as number) < 0x80) return i + 1;
    }
    this.handler.violate('malformed_packet');
    return -1;
  }

  private keepPartial(chunk: Uint8Array, start: number, end: number): void {
    const length = this.partialLength + end - start;
    if (length > this.partial.length) {
      const grown = new Uint8Array(Math.max(PARTIAL_BYTES_MIN, length, this.partial.length * 2));
      grown.set(this.partial.subarray(0, this.partialLength));
      this.partial = grown;
    }
    this.partial.set(chunk.subarray(start, end), this.partialLength);
    this.partialLength = length;
  }

  /** Adds what the partial packet lacks, and hands it over when it is complete. @returns where the next one starts. */
  private completePartial(chunk: Uint8Array): number {
    let at = 0;
    for (;;) {
      const lacking = this.lackingBytes();
      if (lacking < 0) return at;
      if (lacking === 0) break;
      const taken = Math.min(lacking, chunk.length - at);
      if (taken === 0) return at;
      this.keepPartial(chunk, at, at + taken);
      at += taken;
    }
    // Not reused: what was decoded may look into these bytes.
    const packet = this.partial.subarray(0, this.partialLength);
    this.partial = NO_BYTES;
    this.partialLength = 0;
    if (this.scan(packet, 0) === 0 && !this.isEnded) this.hold(packet);
    return at;
  }

  /** How many bytes the partial packet lacks as far as is known; -1 after a violation. */
  private lackingBytes(): number {
    const { partial, partialLength } = this;
    if (partialLength < 2) return 2 - partialLength;
    const body = this.bodyOf(partial, 0, partialLength);
    if (body < 0) return this.handler.takesPackets ? 1 : -1;
    const total = body + remainingLength(partial, 0, body);
    if (total <= this.limits.packetBytesMax) return total - partialLength;
    this.handler.violate('packet_too_large');
    return -1;
  }

  private dispatch(bytes: Uint8Array, start: number, body: number, end: number): void {
    const first = bytes[start] as number;
    switch (first >> 4) {
      case PacketType.publish:
        return this.publish(bytes, start, body, end);
      case PacketType.puback:
      case PacketType.pubrec:
      case PacketType.pubrel:
      case PacketType.pubcomp:
        return this.acknowledgement(first, bytes, body, end);
      case PacketType.pingreq:
        return this.pingreq(first, end - body);
      default:
        return this.control(first, bytes.subarray(start, end), body - start);
    }
  }

  private publish(bytes: Uint8Array, start: number, body: number, end: number): void {
    const flags = bytes[start] as number;
    const qos = (flags >> 1) & 3;
    // [MQTT-3.3.1-4] [MQTT-3.3.1-2]
    if (qos === 3 || (qos === 0 && (flags & 8) !== 0)) return this.handler.violate('bad_qos');
    const topicEnd =
      end - body < 2 ? end + 1 : body + 2 + (((bytes[body] as number) << 8) | (bytes[body + 1] as number));
    const payloadStart = qos === 0 ? topicEnd : topicEnd + 2; // [MQTT-2.3.1-5]
    if (payloadStart > end) return this.handler.violate('malformed_packet');
    const packetId = qos === 0 ? 0 : ((bytes[topicEnd] as number) << 8) | (bytes[topicEnd + 1] as number);
    if (qos > 0 && packetId === 0) return this.handler.violate('bad_packet_id'); // [MQTT-2.3.1-1]
    const topic = this.topicAt(bytes, body + 2, topicEnd);
    if (typeof topic === 'string') return this.handler.violate(topic);
    const message = new Message(topic.name, bytes, payloadStart, end, qos as QoS, (flags & 1) !== 0);
    const { frame } = this;
    frame.message = message;
    frame.bytes = bytes;
    frame.start = start;
    frame.body = body;
    frame.topicEnd = topicEnd;
    frame.end = end;
    // A length in more bytes than it needs is taken, but not passed on.
    if (body - start > 2 && end - body < 1 << (7 * (body - start - 2))) frame.message = undefined;
    this.handler.publish(message, packetId);
  }

  /** Most publishers repeat themselves: the topic before is tried first. */
  private topicAt(bytes: Uint8Array, start: number, end: number): CachedTopic | CloseReason {
    const last = this.lastTopic;
    if (last !== undefined && sameBytes(last.bytes, bytes, start, end)) return last;
    const topic = this.topics.find(bytes, start, end);
    if (typeof topic === 'object') this.lastTopic = topic;
    return topic;
  }

  private acknowledgement(first: number, bytes: Uint8Array, body: number, end: number): void {
    if (!this.hasRightFlags(first)) return this.handler.violate('wrong_flags');
    if (end - body !== 2) return this.handler.violate('malformed_packet');
    const packetId = ((bytes[body] as number) << 8) | (bytes[body + 1] as number);
    switch (first >> 4) {
      case PacketType.puback:
        return this.handler.puback(packetId);
      case PacketType.pubrec:
        return this.handler.pubrec(packetId);
      case PacketType.pubrel:
        return this.handler.pubrel(packetId);
      default:
        return this.handler.pubcomp(packetId);
    }
  }

  /** [MQTT-2.2.2-1] [MQTT-2.2.2-2]; MQTT 3.1 allows DUP on the packets that it has an acknowledgement for. */
  private hasRightFlags(first: number): boolean {
    const type = first >> 4;
    const flags = first & 0x0f;
    const isTwo =
      type === PacketType.pubrel || type === PacketType.subscribe || type === PacketType.unsubscribe; // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]
    return flags === (isTwo ? 2 : 0) || (this.level === 3 && isTwo);
  }

  private pingreq(first: number, length: number): void {
    if (!this.hasRightFlags(first)) return this.handler.violate('wrong_flags');
    if (length > 0) return this.handler.violate('malformed_packet');
    this.handler.pingreq();
  }

  private control(first: number, bytes: Uint8Array, body: number): void {
    if (!this.hasRightFlags(first)) return this.handler.violate('wrong_flags');
    switch (first >> 4) {
      case PacketType.connect:
        return this.connect(bytes, body);
      case PacketType.subscribe:
        return this.subscribe(bytes, body);
      case PacketType.unsubscribe:
        return this.unsubscribe(bytes, body);
      case PacketType.disconnect: // [MQTT-3.14.1-1]
        return bytes.length === body ? this.handler.disconnect() : this.handler.violate('malformed_packet');
      case PacketType.connack:
      case PacketType.suback:
      case PacketType.unsuback:
      case PacketType.pingresp:
        return this.handler.violate('unexpected_packet');
      default:
        return this.handler.violate('malformed_packet');
    }
  }

  private connect(bytes: Uint8Array, body: number): void {
    const result = readConnect({ bytes, body }, this.limits);
    if ('fault' in result) return this.handler.violate(result.fault);
    if ('unsupportedLevel' in result) return this.handler.unsupportedLevel();
    this.level = result.level;
    this.handler.connect(result.fields, result.level);
  }

  private subscribe(bytes: Uint8Array, body: number): void {
    const result = readSubscribe({ bytes, body }, this.limits);
    if ('fault' in result) this.handler.violate(result.fault);
    else this.handler.subscribe(result.packetId, result.requests);
  }

  private unsubscribe(bytes: Uint8Array, body: number): void {
    const result = readUnsubscribe({ bytes, body }, this.limits);
    if ('fault' in result) this.handler.violate(result.fault);
    else this.handler.unsubscribe(result.packetId, result.filters);
  }
}

/** PUBLISH, its acknowledgements, and PINGREQ: which of them come by the thousand, and take little each. */
function isCheap(first: number): boolean {
  const type = first >> 4;
  return (type >= PacketType.publish && type <= PacketType.pubcomp) || type === PacketType.pingreq;
}

/** The length that stands between the first byte and the body, least significant seven bits first. */
function remainingLength(bytes: Uint8Array, start: number, body: number): number {
  let length = 0;
  for (let i = body - 1; i > start; i--) length = length * 128 + ((bytes[i] as number) & 0x7f);
  return length;
}
