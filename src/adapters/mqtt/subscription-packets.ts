import type { SubscriptionRequest } from '../../application/broker.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { QoS } from '../../domain/qos.js';
import { parseTopicFilter, type TopicFilter } from '../../domain/topic/topic-filter.js';
import type { TopicLimits } from '../../domain/topic/topic-name.js';
import { FieldReader } from './field-reader.js';
import type { Frame } from './frame.js';
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
  const requests: SubscriptionRequest[] = [];
  const found = readFilters(frame, limits, (filter, reader) => {
    const qos = reader.uint8();
    if (qos > 2) return false; // [MQTT-3.8.3-4]
    requests.push({ filter, qos: qos as QoS });
    return true;
  });
  return 'fault' in found ? found : { packetId: found.packetId, requests };
}

/** Reads an UNSUBSCRIBE; one bad filter refuses the whole packet. */
export function readUnsubscribe(frame: Frame, limits: SubscribeLimits): UnsubscribeResult {
  const filters: TopicFilter[] = [];
  const found = readFilters(frame, limits, (filter) => filters.push(filter) > 0);
  return 'fault' in found ? found : { packetId: found.packetId, filters };
}

/**
 * A packet id, then one or more filters, each with what `take` reads behind it.
 * @param take Takes a filter. @returns false when what stands behind it may not be.
 */
function readFilters(
  { bytes, body }: Frame,
  limits: SubscribeLimits,
  take: (filter: TopicFilter, reader: FieldReader) => boolean,
): { readonly packetId: number } | { readonly fault: CloseReason } {
  const reader = new FieldReader(bytes, body, bytes.length);
  const packetId = reader.uint16();
  if (reader.fault === undefined && packetId === 0) return { fault: 'bad_packet_id' }; // [MQTT-2.3.1-1]
  if (reader.isAtEnd) return { fault: 'malformed_packet' }; // [MQTT-3.8.3-3] [MQTT-3.10.3-2]
  for (let count = 1; !reader.isAtEnd; count++) {
    if (count > limits.filtersPerSubscribeMax) return { fault: 'too_many_subscriptions' };
    const raw = reader.text(); // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
    if (reader.fault !== undefined) return { fault: reader.fault };
    const filter = parseTopicFilter(raw, limits);
    if (filter === undefined) return { fault: topicFault(raw, limits) };
    if (!take(filter, reader)) return { fault: 'malformed_packet' };
    if (reader.fault !== undefined) return { fault: reader.fault };
  }
  return { packetId };
}
