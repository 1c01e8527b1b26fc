import type { QoS } from './qos.js';
import type { TopicName } from './topic/topic-name.js';

/** Kept payloads up to this size share slabs; larger ones get memory of their own. Bytes. */
const SLAB_SHARE_MAX = 2048;
/** Small, because one message kept for long keeps its whole slab. Bytes. */
const SLAB_SIZE = 16_384;
/** Payloads up to this size are copied byte by byte. Bytes. */
const SHORT_COPY_MAX = 128;

let slab = new Uint8Array(SLAB_SIZE);
let slabUsed = 0;

/**
 * One application message on its way through the broker.
 *
 * Its payload is a window on the bytes that it arrived in, so that routing at QoS 0 copies and
 * allocates nothing for it. Whoever holds a message longer than the call that handed it over calls
 * `keep()` first: the window would otherwise hold the whole read buffer in memory.
 */
export class Message {
  private kept = false;

  // Positional, because one is made for every publish.
  // eslint-disable-next-line max-params
  constructor(
    readonly topic: TopicName,
    /** The bytes that `payloadStart` and `payloadEnd` count in. */
    public bytes: Uint8Array,
    public payloadStart: number,
    public payloadEnd: number,
    readonly qos: QoS,
    readonly retain: boolean,
  ) {}

  get payloadLength(): number {
    return this.payloadEnd - this.payloadStart;
  }

  /** The payload; a view, not a copy. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd);
  }

  /** What this message counts for in a queue limit, in bytes. */
  get queueBytes(): number {
    return this.topic.length + this.payloadEnd - this.payloadStart;
  }

  /** Copies the payload out of the buffer that it arrived in, once. */
  keep(): void {
    if (this.kept) return;
    this.kept = true;
    const length = this.payloadEnd - this.payloadStart;
    if (length > SLAB_SHARE_MAX) {
      this.bytes = new Uint8Array(this.payload);
      this.payloadStart = 0;
    } else {
      if (slabUsed + length > SLAB_SIZE) {
        slab = new Uint8Array(SLAB_SIZE);
        slabUsed = 0;
      }
      copyToSlab(this.bytes, this.payloadStart, this.payloadEnd);
      this.bytes = slab;
      this.payloadStart = slabUsed;
      slabUsed += length;
    }
    this.payloadEnd = this.payloadStart + length;
  }
}

/** A view to copy from is garbage at once, and takes longer to make than it takes to copy a short payload byte by byte. */
function copyToSlab(source: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT_COPY_MAX) slab.set(source.subarray(start, end), slabUsed);
  else for (let from = start, to = slabUsed; from < end; from++, to++) slab[to] = source[from] as number;
}

/** A message whose payload is an array of its own: a will, a retained message read back, a test's. */
export function messageOf(topic: TopicName, payload: Uint8Array, qos: QoS, retain: boolean): Message {
  return new Message(topic, payload, 0, payload.length, qos, retain);
}
