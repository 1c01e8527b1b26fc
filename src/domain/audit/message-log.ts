import { DROP_REASONS, type DropReason } from '../counters.js';
import type { QoS } from '../qos.js';
import type { AuditActor } from './audit-event.js';
import type { PayloadDigests } from './payload-digests.js';

/** Where a message came from: a client, the will of one, what its topic retains, or the admin API. */
export type MessageOrigin = 'client' | 'will' | 'retained' | 'administrator';

/** A session that a message is for. */
export interface Receiver {
  readonly key: number;
  readonly clientId: string;
  /** Whether it ends with its connection otherwise (CleanSession 1). */
  readonly durable: boolean;
}

/** What stands in the message trail for a message, beside its receivers. */
export interface PublishedMessage {
  readonly from: AuditActor;
  readonly origin: MessageOrigin;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Where a message's payload stands. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Where it stands with one receiver; a reason says why it was dropped. */
export type ReceiverState = 'waiting' | 'delivered' | 'acknowledged' | DropReason;

/** The states that the log tells apart by their places here. */
export const RECEIVER_STATES: readonly ReceiverState[] = [
  'waiting',
  'delivered',
  'acknowledged',
  ...DROP_REASONS,
];
const WAITING = RECEIVER_STATES.indexOf('waiting');
const DELIVERED = RECEIVER_STATES.indexOf('delivered');

/** What a message, and each of its receivers, takes in memory and in a record, in bytes, by rule of thumb. */
const MESSAGE_BYTES = 256;
const RECEIVER_BYTES = 64;

/** Messages that came one after the other and differ in nothing but their payloads and receivers. */
export interface MessageRun extends PublishedMessage {
  /** Payload bytes of each. */
  readonly size: number;
  messages: number;
}

/** Rows that there is room for at first. */
const ROWS_MIN = 1024;

/**
 * Messages that are followed and stand in no record yet, in the order of publishing, and what has become of them so far.
 *
 * In runs and in columns: a message with its receivers takes no object of its own, as very many of them wait for each
 * commit, and what is kept that long costs the garbage collector most. Columns keep the memory that they have: rows that
 * are told make room for others. Messages and receivers are numbered since the start; a message's receivers follow each
 * other.
 */
export class MessageLog {
  /** How many receivers each message has. */
  copies = new Uint32Array(ROWS_MIN);

  readonly to: Receiver[] = [];
  granted = new Uint8Array(ROWS_MIN);
  /** In the order of the session's deliveries; -1 at QoS 0, and when it was never owed. */
  sequence = new Float64Array(ROWS_MIN);
  /** Places in `RECEIVER_STATES`. */
  state = new Uint8Array(ROWS_MIN);
  /** When it was sent last; milliseconds since the epoch, -1 before. */
  sentAtMs = new Float64Array(ROWS_MIN);
  /** When it was acknowledged or dropped; -1 before. */
  endedAtMs = new Float64Array(ROWS_MIN);

  private runs: MessageRun[] = [];
  private messages = 0;
  private receivers = 0;
  private firstMessage = 0;
  private firstReceiver = 0;

  constructor(readonly digests: PayloadDigests) {}

  /** Messages in it. */
  get length(): number {
    return this.messages;
  }

  /** The number that its first message has, or would have. */
  get first(): number {
    return this.firstMessage;
  }

  /** The number that the next message gets. */
  get next(): number {
    return this.firstMessage + this.messages;
  }

  /** What it counts for in the limit of what waits. */
  get bytes(): number {
    return MESSAGE_BYTES * this.messages + RECEIVER_BYTES * this.receivers;
  }

  /** @returns the number of the message. */
  publish(message: PublishedMessage, payload: Payload): number {
    const { bytes, payloadStart, payloadEnd } = payload;
    this.digests.add(bytes, payloadStart, payloadEnd);
    const size = payloadEnd - payloadStart;
    const last = this.runs[this.runs.length - 1];
    if (last !== undefined && last.size === size && isAlike(last, message)) last.messages++;
    else this.beginRun(message, size);
    if (this.messages === this.copies.length) this.copies = grown(this.copies);
    this.copies[this.messages++] = 0;
    return this.next - 1;
  }

  /** The message published last is for this one too. @returns the receiver's number. */
  address(receiver: Receiver, granted: QoS): number {
    (this.copies[this.messages - 1] as number)++;
    const row = this.receivers++;
    if (row === this.granted.length) this.growReceivers();
    this.to[row] = receiver;
    this.granted[row] = granted;
    this.sequence[row] = -1;
    this.state[row] = WAITING;
    this.sentAtMs[row] = -1;
    this.endedAtMs[row] = -1;
    return this.firstReceiver + row;
  }

  /** Whether what becomes of a receiver is part of what its message's record will say. */
  holds(receiver: number): boolean {
    return receiver >= this.firstReceiver;
  }

  owed(receiver: number, sequence: number): void {
    this.sequence[receiver - this.firstReceiver] = sequence;
  }

  sent(receiver: number, atMs: number): void {
    const row = receiver - this.firstReceiver;
    this.state[row] = DELIVERED;
    this.sentAtMs[row] = atMs;
  }

  ended(receiver: number, state: ReceiverState, atMs: number): void {
    const row = receiver - this.firstReceiver;
    this.state[row] = RECEIVER_STATES.indexOf(state);
    this.endedAtMs[row] = atMs;
  }

  /** Takes its first messages out of the runs. There must be so many. */
  takeRuns(messages: number): readonly MessageRun[] {
    const taken: MessageRun[] = [];
    let runs = 0;
    for (let left = messages; left > 0;) {
      const run = this.runs[runs] as MessageRun;
      if (run.messages > left) {
        taken.push({ ...run, messages: left });
        run.messages -= left;
        break;
      }
      taken.push(run);
      left -= run.messages;
      runs++;
    }
    this.runs = this.runs.slice(runs);
    return taken;
  }

  /** Lets its first messages go, with their receivers: they are told. Their runs were taken before. */
  forget(messages: number, receivers: number): void {
    this.copies.copyWithin(0, messages, this.messages);
    for (const column of [this.granted, this.sequence, this.state, this.sentAtMs, this.endedAtMs])
      column.copyWithin(0, receivers, this.receivers);
    this.to.splice(0, receivers);
    this.messages -= messages;
    this.receivers -= receivers;
    this.firstMessage += messages;
    this.firstReceiver += receivers;
  }

  private beginRun({ from, origin, topic, qos, retain, atMs }: PublishedMessage, size: number): void {
    this.runs.push({ from, origin, topic, qos, retain, atMs, size, messages: 1 });
  }

  private growReceivers(): void {
    this.granted = grown(this.granted);
    this.sequence = grown(this.sequence);
    this.state = grown(this.state);
    this.sentAtMs = grown(this.sentAtMs);
    this.endedAtMs = grown(this.endedAtMs);
  }
}

function isAlike(one: PublishedMessage, other: PublishedMessage): boolean {
  return (
    one.topic === other.topic &&
    one.from === other.from &&
    one.atMs === other.atMs &&
    one.qos === other.qos &&
    one.retain === other.retain &&
    one.origin === other.origin
  );
}

function grown<T extends Uint8Array | Uint32Array | Float64Array>(column: T): T {
  const larger = new (column.constructor as new (rows: number) => T)(2 * column.length);
  larger.set(column);
  return larger;
}
