import type { ISubscribePacket, IUnsubscribePacket } from 'mqtt-packet';

import type { SubscriptionRequest } from '../../application/broker.js';
import type { CloseReason } from '../../domain/close-reason.js';
import { parseTopicFilter, type TopicFilter } from '../../domain/topic/topic-filter.js';
import type { TopicLimits } from '../../domain/topic/topic-name.js';
import { FieldReader } from './field-reader.js';
import { type Frame, tokenize } from './tokenize.js';
import { topicFault } from './topic-fault.js';

/** How much one SUBSCRIBE or UNSUBSCRIBE may ask for. */
export interface SubscribeLimits extends TopicLimits {
  readonly filtersPerSubscribeMax: number;
}

export type SubscribeResult =
  | { readonly packetId: number; readonly requests: readonly SubscriptionRequest[] }
  | { readonly fault: CloseReason };

export type UnsubscribeResult =
  { readonly packetId: number; readonly filters: readonly TopicFilter[] } | { readonly fault: CloseReason };

/** Reads a SUBSCRIBE; one bad filter refuses the whole packet, before any of it is applied. */
export function readSubscribe(frame: Frame, limits: SubscribeLimits): SubscribeResult {
  const fault = filtersFault(frame, limits, (reader) => reader.uint8() <= 2); // [MQTT-3.8.3-4]
  if (fault !== undefined) return { fault };
  const packet = tokenize<ISubscribePacket>(frame.bytes);
  if (packet?.messageId === undefined) return { fault: 'malformed_packet' };
  const requests: SubscriptionRequest[] = [];
  for (const { topic, qos } of packet.subscriptions) {
    const filter = parseTopicFilter(topic, limits);
    if (filter === undefined) return { fault: topicFault(topic, limits) };
    requests.push({ filter, qos: qos });
  }
  return { packetId: packet.messageId, requests };
}

/** Reads an UNSUBSCRIBE; one bad filter refuses the whole packet. */
export function readUnsubscribe(frame: Frame, limits: SubscribeLimits): UnsubscribeResult {
  const fault = filtersFault(frame, limits, () => true);
  if (fault !== undefined) return { fault };
  const packet = tokenize<IUnsubscribePacket>(frame.bytes);
  if (packet?.messageId === undefined) return { fault: 'malformed_packet' };
  const filters: TopicFilter[] = [];
  for (const raw of packet.unsubscriptions) {
    const filter = parseTopicFilter(raw, limits);
    if (filter === undefined) return { fault: topicFault(raw, limits) };
    filters.push(filter);
  }
  return { packetId: packet.messageId, filters };
}

/** A packet id, then one or more filters, each with what `readOptions` takes behind it. */
function filtersFault(
  { bytes, body }: Frame,
  limits: SubscribeLimits,
  readOptions: (reader: FieldReader) => boolean,
): CloseReason | undefined {
  const reader = new FieldReader(bytes, body, bytes.length);
  const packetId = reader.uint16();
  if (reader.fault === undefined && packetId === 0) return 'bad_packet_id'; // [MQTT-2.3.1-1]
  if (reader.isAtEnd) return 'malformed_packet'; // [MQTT-3.8.3-3] [MQTT-3.10.3-2]
  for (let filters = 1; !reader.isAtEnd && reader.fault === undefined; filters++) {
    if (filters > limits.filtersPerSubscribeMax) return 'too_many_subscriptions';
    reader.text(); // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
    if (!readOptions(reader)) return 'malformed_packet';
  }
  return reader.fault;
}
