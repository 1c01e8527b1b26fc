import type { DropReason } from '../counters.js';
import type { QoS } from '../qos.js';
import type { DeliveryTrace } from '../session/delivery-trace.js';
import type { AuditActor } from './audit-event.js';

/** Where a message came from: a client, the will of one, or what its topic retains. */
export type MessageOrigin = 'client' | 'will' | 'retained';

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
  /** Of the payload. */
  readonly bytes: number;
  /** Of the payload, in base64url without padding: 43 characters. */
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Where it stands with one receiver; a reason says why it was dropped. */
export type ReceiverState = 'waiting' | 'delivered' | 'acknowledged' | DropReason;

/** What is told of receivers after their message was. */
export type OutcomeKind = 'delivered' | 'acknowledged' | 'dropped';

/** What traces work with. */
export interface TraceWitness {
  nowMs(): number;
  /** Tells what became of a message for a receiver, when that the message was published has been told before. */
  outcome(kind: OutcomeKind, receiver: ReceiverTrace): void;
}

/** A message that the trail follows. Until it is told, its receivers' states are part of what there is to tell. */
export class MessageTrace {
  readonly receivers: ReceiverTrace[] = [];
  /** Whether the record of its publishing has its place in the chain. */
  isTold = false;

  constructor(
    readonly message: PublishedMessage,
    readonly witness: TraceWitness,
  ) {}

  /** Follows it to one of its receivers. */
  to(receiver: Receiver, qos: QoS): ReceiverTrace {
    const trace = new ReceiverTrace(this, receiver, qos);
    this.receivers.push(trace);
    return trace;
  }
}

/** What a trace, and each of its receivers, takes in memory and in a record, in bytes, by rule of thumb. */
const TRACE_BYTES = 512;
const RECEIVER_BYTES = 128;

/** What a trace counts for in the limit of what waits. Never changes once all receivers are known. */
export function traceBytes({ receivers }: MessageTrace): number {
  return TRACE_BYTES + RECEIVER_BYTES * receivers.length;
}

/** One message on its way to one receiver. */
export class ReceiverTrace implements DeliveryTrace {
  /** In the order of the session's deliveries; -1 at QoS 0, and when it was never owed. */
  sequence = -1;
  state: ReceiverState = 'waiting';
  /** When it was sent last; milliseconds since the epoch, -1 before. */
  sentAtMs = -1;
  /** When it was acknowledged or dropped; -1 before. */
  endedAtMs = -1;

  constructor(
    readonly trace: { readonly isTold: boolean; readonly witness: TraceWitness },
    readonly receiver: Receiver,
    readonly qos: QoS,
  ) {}

  owed(sequence: number): void {
    this.sequence = sequence;
  }

  sent(): void {
    this.sentAtMs = this.trace.witness.nowMs();
    this.state = 'delivered';
    this.tell('delivered');
  }

  acknowledged(): void {
    this.endedAtMs = this.trace.witness.nowMs();
    this.state = 'acknowledged';
    this.tell('acknowledged');
  }

  dropped(reason: DropReason): void {
    this.endedAtMs = this.trace.witness.nowMs();
    this.state = reason;
    this.tell('dropped');
  }

  private tell(kind: OutcomeKind): void {
    if (this.trace.isTold) this.trace.witness.outcome(kind, this);
  }
}
