import type { Delivery } from './delivery.js';
import type { BacklogPage, BacklogRange, StoredBacklog, Trim, Trimmed } from './delivery-store.js';
import { Fifo } from './fifo.js';

/** How much of a stored session stands in memory. */
export interface MemorySizes {
  /** Waiting deliveries of a connected session; more stand in the store alone. */
  readonly queueMessages: number;
  /** Deliveries read back at a time. */
  readonly pageMessages: number;
  /** What comes while the last stretch is read back. */
  readonly bridgeMessages: number;
}

export const MEMORY_SIZES: MemorySizes = { queueMessages: 1000, pageMessages: 1000, bridgeMessages: 1000 };
/** Topic and payload bytes of the waiting deliveries that a connected session with a store keeps in memory. */
export const MEMORY_QUEUE_BYTES = 262_144;
const BRIDGE_BYTES_MAX = 262_144;

/**
 * The deliveries of a session that stand in the journal and not in its queue. In memory they are two
 * counters, however many there are.
 *
 *   empty ──add──▶ spilled ──read, and little is left──▶ bridging ──all read──▶ empty
 *                     ▲                                     │
 *                     └──────── the bridge is full ─────────┘
 *
 * Deliveries are numbered by sequence. In the journal alone stand those behind `readThrough`; what is
 * read back moves to the session's queue, in order. Only what is committed can be read, up to
 * `committedThrough`. While bridging, new deliveries are kept in `bridge` too, so that the queue can
 * go on with them when all before them have been read: without it, a session under steady traffic
 * would run behind its own journal for ever.
 */
export class Backlog {
  private state: 'empty' | 'spilled' | 'bridging' = 'empty';
  private messages = 0;
  private totalBytes = 0;
  private readThrough = -1;
  private committedThrough = -1;
  /** What was sent before a restart is never given up. */
  private sentThrough = -1;
  private givenThrough = -1;
  /** The read that is under way; its answer is void when the session's connection changed meanwhile. */
  private reading: BacklogRange | undefined;
  private bridge = new Fifo<Delivery>();
  private bridgeFrom = 0;
  private bridgeBytes = 0;

  constructor(private readonly sizes: MemorySizes) {}

  get isEmpty(): boolean {
    return this.state === 'empty';
  }

  /** Estimates of what gave way can be off until they are corrected. */
  get count(): number {
    return Math.max(0, this.messages);
  }

  get bytes(): number {
    return Math.max(0, this.totalBytes);
  }

  /** What stands in the store when the broker starts. */
  restore(stored: StoredBacklog, sentThrough: number): void {
    if (stored.messages === 0) return;
    this.sentThrough = sentThrough;
    this.state = 'spilled';
    this.messages = stored.messages;
    this.totalBytes = stored.bytes;
    this.readThrough = stored.firstSequence - 1;
    this.committedThrough = stored.lastSequence;
  }

  /** Takes on a delivery behind all others. */
  add(delivery: Delivery): void {
    if (this.state === 'empty') {
      this.state = 'spilled';
      this.readThrough = delivery.sequence - 1;
    }
    this.messages++;
    this.totalBytes += delivery.message.queueBytes;
    if (this.state !== 'bridging') return;
    this.bridgeBytes += delivery.message.queueBytes;
    if (this.bridge.length < this.sizes.bridgeMessages && this.bridgeBytes <= BRIDGE_BYTES_MAX)
      this.bridge.push(delivery);
    else this.leaveBridge();
  }

  /** Takes on what waited in memory when the connection ended: all of it stands in the journal too. */
  takeOver(queue: Fifo<Delivery>, bytes: number): void {
    this.reading = undefined;
    if (this.state === 'bridging') this.leaveBridge();
    const first = queue.peek();
    if (first === undefined) return;
    this.state = 'spilled';
    this.readThrough = first.sequence - 1;
    this.messages += queue.length;
    this.totalBytes += bytes;
  }

  /** A delivery of the session is in the database. */
  committed(sequence: number): void {
    if (sequence > this.committedThrough) this.committedThrough = sequence;
  }

  /** The next stretch to read; undefined when there is none, or one is being read already. */
  nextRead(nextSequence: number): BacklogRange | undefined {
    if (this.state === 'empty' || this.reading !== undefined) return undefined;
    if (this.readThrough >= nextSequence - 1) {
      this.clear();
      return undefined;
    }
    if (this.state === 'spilled' && this.messages <= this.sizes.pageMessages) {
      this.state = 'bridging';
      this.bridgeFrom = nextSequence;
      this.bridgeBytes = 0;
    }
    // What stands in the bridge is not read back as well.
    const end =
      this.state === 'bridging'
        ? Math.min(this.committedThrough, this.bridgeFrom - 1)
        : this.committedThrough;
    if (end <= this.readThrough) return undefined;
    this.reading = { after: this.readThrough, through: end, messagesMax: this.sizes.pageMessages };
    return this.reading;
  }

  /**
   * Takes a page that was read. @returns the deliveries that the queue goes on with, in order; undefined
   * when the page is void.
   */
  restock({ range, deliveries }: BacklogPage): readonly Delivery[] | undefined {
    if (range !== this.reading) return undefined;
    this.reading = undefined;
    const last = deliveries.at(-1);
    // A page may be cut short by its bytes; an empty one says that there is no more.
    this.readThrough = last?.sequence ?? range.through;
    const kept = deliveries.filter(
      ({ sequence }) => sequence <= this.sentThrough || sequence > this.givenThrough,
    );
    for (const delivery of kept) this.remove(delivery);
    if (this.state !== 'bridging' || this.readThrough < this.bridgeFrom - 1) return kept;
    return [...kept, ...this.crossBridge()];
  }

  /**
   * Gives up the oldest delivery that wasn't sent before a restart: the exchange of one that was has begun.
   * @returns where it stands, and what it amounts to as far as is known; undefined when there is none.
   */
  giveWay(nextSequence: number): Trim | undefined {
    const after = Math.max(this.readThrough, this.sentThrough, this.givenThrough);
    if (after >= nextSequence - 1) return undefined;
    this.reading = undefined;
    if (this.state === 'bridging') this.leaveBridge();
    const bytes = Math.ceil(this.totalBytes / Math.max(1, this.messages));
    this.givenThrough = after + 1;
    this.messages--;
    this.totalBytes -= bytes;
    return { after, through: this.givenThrough, expected: { messages: 1, bytes } };
  }

  /** Gives up all that `giveWay` would, one by one. What is left, if anything, `correct` tells. */
  giveAllWay(nextSequence: number): Trim | undefined {
    const after = Math.max(this.readThrough, this.sentThrough, this.givenThrough);
    if (this.state === 'empty' || after >= nextSequence - 1) return undefined;
    this.reading = undefined;
    if (this.state === 'bridging') this.leaveBridge();
    const expected = { messages: this.messages, bytes: this.totalBytes, isPurge: true } as const;
    this.givenThrough = nextSequence - 1;
    this.messages = this.totalBytes = 0;
    return { after, through: this.givenThrough, expected };
  }

  /** Corrects what `giveWay` could only estimate. */
  correct(expected: Trimmed, removed: Trimmed): void {
    if (this.state === 'empty') return;
    this.messages += expected.messages - removed.messages;
    this.totalBytes += expected.bytes - removed.bytes;
  }

  private remove(delivery: Delivery): void {
    this.messages--;
    this.totalBytes -= delivery.message.queueBytes;
  }

  /** Everything before the bridge has been read. */
  private crossBridge(): Delivery[] {
    const bridged = [...this.bridge];
    this.clear();
    return bridged;
  }

  private leaveBridge(): void {
    this.state = 'spilled';
    this.bridge.clear();
  }

  private clear(): void {
    this.state = 'empty';
    this.bridge = new Fifo();
    this.messages = this.totalBytes = 0;
  }
}
