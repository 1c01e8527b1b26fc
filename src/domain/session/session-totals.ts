import { QueueAge } from './queue-age.js';

/** Queues that one look takes in, so that it never holds anybody up. */
const QUEUES_PER_LOOK = 10_000;

/** What all sessions together owe. Each keeps its share up to date, so that nobody has to walk through them to know. */
export class SessionTotals {
  /** QoS 1 and 2 messages that were sent and aren't settled. */
  inflight = 0;
  /** QoS 1 and 2 messages that wait to be sent, in memory or in the store, and their topic and payload bytes. */
  queuedMessages = 0;
  queuedBytes = 0;
  /** How long the oldest of them had waited when they were looked at last, in milliseconds. */
  oldestMs = 0;
  /** Those with a queue. */
  readonly waiting = new Set<SessionShare>();
  private round: Iterator<SessionShare> = this.waiting.values();
  private leftInRound = 0;
  private roundOldestMs = 0;

  /** Looks how old the queues are; where there are very many it takes several calls to see them all. */
  lookAtAges(nowMs: number): void {
    if (this.leftInRound === 0) this.beginRound();
    for (let looked = 0; looked < QUEUES_PER_LOOK && this.leftInRound > 0; looked++) {
      const next = this.round.next();
      this.leftInRound = next.done === true ? 0 : this.leftInRound - 1;
      if (next.done !== true) this.roundOldestMs = Math.max(this.roundOldestMs, next.value.oldestMs(nowMs));
    }
    if (this.leftInRound === 0) this.oldestMs = this.roundOldestMs;
  }

  private beginRound(): void {
    this.round = this.waiting.values();
    this.leftInRound = this.waiting.size;
    this.roundOldestMs = 0;
  }
}

/** What one session adds to the totals. */
export class SessionShare {
  private issued = 0;
  private inflight = 0;
  private messages = 0;
  private bytes = 0;
  private age: QueueAge | undefined;
  private hasEnded = false;

  constructor(private readonly totals: SessionTotals) {}

  /**
   * Replaces the share by what is so now.
   * @param issued The sequence behind the last message. @param bytes Topic and payload bytes of the messages that wait.
   */
  // Positional, because it is called for every message at QoS 1 and 2.
  update(issued: number, inflight: number, messages: number, bytes: number): void {
    if (this.hasEnded) return;
    const { totals } = this;
    totals.inflight += inflight - this.inflight;
    this.issued = issued;
    this.inflight = inflight;
    if (messages === 0 && this.messages === 0) return;
    totals.queuedMessages += messages - this.messages;
    totals.queuedBytes += bytes - this.bytes;
    this.messages = messages;
    this.bytes = bytes;
    if (messages > 0) {
      totals.waiting.add(this);
      return;
    }
    totals.waiting.delete(this);
    this.age = undefined;
  }

  /** Nothing is owed any more, whatever may still come. */
  end(): void {
    this.update(0, 0, 0, 0);
    this.hasEnded = true;
  }

  /** What it holds has waited since a time before this run of the broker. */
  waitingSince(atMs: number): void {
    this.age = new QueueAge();
    this.age.since(this.issued, atMs);
  }

  oldestMs(nowMs: number): number {
    this.age ??= new QueueAge();
    return this.age.sample(nowMs, this.issued, this.messages);
  }
}
