import type { DropReason } from '../counters.js';
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

/** What a message, and each of its receivers, takes in memory and in a record, in bytes, by rule of thumb. */
const MESSAGE_BYTES = 256;
const RECEIVER_BYTES = 64;

/**
 * Messages that are followed and stand in no record yet, in the order of publishing, and what has become of them so far.
 *
 * In columns: a message with its receivers takes no object of its own, as very many of them wait for each commit, and
 * what is kept that long costs the garbage collector most. Messages and receivers are numbered since the start; a
 * message's receivers follow each other.
 */
export class MessageLog {
  readonly from: AuditActor[] = [];
  readonly origin: MessageOrigin[] = [];
  readonly topic: string[] = [];
  readonly qos: QoS[] = [];
  readonly retain: number[] = [];
  readonly size: number[] = [];
  readonly atMs: number[] = [];
  /** How many receivers each has. */
  readonly copies: number[] = [];

  readonly to: Receiver[] = [];
  readonly granted: QoS[] = [];
  /** In the order of the session's deliveries; -1 at QoS 0, and when it was never owed. */
  readonly sequence: number[] = [];
  readonly state: ReceiverState[] = [];
  /** When it was sent last; milliseconds since the epoch, -1 before. */
  readonly sentAtMs: number[] = [];
  /** When it was acknowledged or dropped; -1 before. */
  readonly endedAtMs: number[] = [];

  private firstMessage = 0;
  private firstReceiver = 0;

  constructor(readonly digests: PayloadDigests) {}

  /** Messages in it. */
  get length(): number {
    return this.topic.length;
  }

  /** The number that its first message has, or would have. */
  get first(): number {
    return this.firstMessage;
  }

  /** The number that the next message gets. */
  get next(): number {
    return this.firstMessage + this.topic.length;
  }

  /** What it counts for in the limit of what waits. */
  get bytes(): number {
    return MESSAGE_BYTES * this.topic.length + RECEIVER_BYTES * this.to.length;
  }

  /** @returns the number of the message. */
  publish({ from, origin, topic, qos, retain, atMs }: PublishedMessage, payload: Payload): number {
    const { bytes, payloadStart, payloadEnd } = payload;
    this.digests.add(bytes, payloadStart, payloadEnd);
    this.from.push(from);
    this.origin.push(origin);
    this.topic.push(topic);
    this.qos.push(qos);
    this.retain.push(retain ? 1 : 0);
    this.size.push(payloadEnd - payloadStart);
    this.atMs.push(atMs);
    this.copies.push(0);
    return this.next - 1;
  }

  /** The message published last is for this one too. @returns the receiver's number. */
  address(receiver: Receiver, granted: QoS): number {
    const last = this.copies.length - 1;
    this.copies[last] = (this.copies[last] ?? 0) + 1;
    this.to.push(receiver);
    this.granted.push(granted);
    this.sequence.push(-1);
    this.state.push('waiting');
    this.sentAtMs.push(-1);
    this.endedAtMs.push(-1);
    return this.firstReceiver + this.to.length - 1;
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
    this.state[row] = 'delivered';
    this.sentAtMs[row] = atMs;
  }

  ended(receiver: number, state: ReceiverState, atMs: number): void {
    const row = receiver - this.firstReceiver;
    this.state[row] = state;
    this.endedAtMs[row] = atMs;
  }

  /** Lets the messages with lower numbers go: they are told. */
  forget(message: number): void {
    const messages = message - this.firstMessage;
    let receivers = 0;
    for (let row = 0; row < messages; row++) receivers += this.copies[row] ?? 0;
    for (const column of [this.from, this.origin, this.topic, this.qos, this.retain, this.size])
      column.splice(0, messages);
    for (const column of [this.atMs, this.copies]) column.splice(0, messages);
    for (const column of [this.to, this.granted, this.sequence]) column.splice(0, receivers);
    for (const column of [this.state, this.sentAtMs, this.endedAtMs]) column.splice(0, receivers);
    this.firstMessage += messages;
    this.firstReceiver += receivers;
  }
}
