import type { CloseReason } from '../../domain/close-reason.js';
import { parseTopicName, type TopicLimits, type TopicName } from '../../domain/topic/topic-name.js';
import { topicFault } from './topic-fault.js';
import { isText, textOf } from './utf8-text.js';

/** A topic that was checked before, with the bytes that it came in. */
export interface CachedTopic {
  readonly bytes: Uint8Array;
  readonly name: TopicName;
}

const SLOTS = 16_384;
/** Longer topics are checked anew each time, so that the cache's memory is bounded. Bytes. */
const CACHED_BYTES_MAX = 256;

/**
 * Turns the topic bytes of PUBLISH packets into checked names. Names that were seen before are found
 * by their bytes, which also gives the same string each time, whose hash is known already.
 */
export class TopicCache {
  private readonly slots = new Array<CachedTopic | undefined>(SLOTS).fill(undefined);

  constructor(private readonly limits: TopicLimits) {}

  /** Checks every topic anew: the limits are others. */
  forget(): void {
    this.slots.fill(undefined);
  }

  /** @returns the topic, or why the packet is refused. */
  find(bytes: Uint8Array, start: number, end: number): CachedTopic | CloseReason {
    const slot = hash(bytes, start, end) & (SLOTS - 1);
    const cached = this.slots[slot];
    if (cached !== undefined && sameBytes(cached.bytes, bytes, start, end)) return cached;
    const topic = this.check(new Uint8Array(bytes.subarray(start, end)));
    if (typeof topic === 'object' && end - start <= CACHED_BYTES_MAX) this.slots[slot] = topic;
    return topic;
  }

  private check(bytes: Uint8Array): CachedTopic | CloseReason {
    if (!isText(bytes)) return 'bad_utf8'; // [MQTT-3.3.2-1]
    const name = parseTopicName(textOf(bytes), this.limits);
    return name === undefined ? topicFault(textOf(bytes), this.limits) : { bytes, name };
  }
}

/** Whether `bytes` holds `expected` from `start` to `end`. */
export function sameBytes(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (expected.length !== length) return false;
  // From the end: topics differ there first.
  for (let i = length - 1; i >= 0; i--) if (expected[i] !== bytes[start + i]) return false;
  return true;
}

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] as number), 0x01000193);
  return value ^ (value >>> 15);
}
