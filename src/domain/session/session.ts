import type { ClientId } from '../client-id.js';
import type { Counters } from '../counters.js';
import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { RetainedMessage } from '../retained/retained-message.js';
import { lowerQos } from '../qos.js';
import type { Subscription } from '../subscription/subscription.js';
import type { TopicFilter } from '../topic/topic-filter.js';
import { Delivery } from './delivery.js';
import type { DeliverySink } from './delivery-sink.js';
import { Fifo } from './fifo.js';
import { InflightWindow } from './inflight-window.js';

/** How much one session may hold. */
export interface SessionLimits {
  /** Deliveries sent and unsettled at a time, 1 to 65,535. */
  readonly inflightMax: number;
  /** Deliveries that wait for the window. */
  readonly queueMessagesMax: number;
  /** Topic and payload bytes of the deliveries that wait for the window. */
  readonly queueBytesMax: number;
  /** What gives way when the queue is full; `refuse` leaves the publish unacknowledged. */
  readonly queuePolicy: 'dropOldest' | 'dropNewest' | 'refuse';
}

/** Retained messages handed out in one go, so that a wide filter doesn't hold up everybody else. */
const REPLAY_STEP_MESSAGES = 200;

/** Retained messages that a new subscription is still to get. */
interface Replay {
  readonly messages: Iterator<RetainedMessage, void>;
  readonly granted: QoS;
}

/**
 * What the broker keeps for a client id: its subscriptions, what it owes the client at QoS 1 and 2,
 * and the packet ids of QoS 2 messages that came from it [MQTT-4.1.0-1].
 *
 * Deliveries go out in one order. They wait in `queue` and move to `inflight` when they are sent: at
 * once if the client is connected and reads, and the window has room, else when that comes true.
 * Retained messages for a new subscription are drawn from their source behind the queue.
 */
export class Session {
  readonly subscriptions = new Map<TopicFilter, Subscription<Session>>();
  /** Milliseconds since the epoch at which the client went away; undefined while it is connected. */
  disconnectedAtMs: number | undefined;

  private sink: DeliverySink | undefined;
  private readonly inflight = new InflightWindow();
  private readonly queue = new Fifo<Delivery>();
  private queuedBytes = 0;
  private nextSequence = 0;
  /** Packet ids of QoS 2 messages received and not yet released. */
  private receivedIds: Set<number> | undefined;
  private replays: Replay[] | undefined;

  constructor(
    readonly clientId: ClientId,
    /** Whether it outlives its connection (CleanSession 0) [MQTT-3.1.2-4] [MQTT-3.1.2-6]. */
    readonly durable: boolean,
    private readonly limits: SessionLimits,
    private readonly counters: Counters,
  ) {}

  get isConnected(): boolean {
    return this.sink !== undefined;
  }

  /** Binds the session to its client's new connection, and sends again what was left unsettled. */
  attach(sink: DeliverySink): void {
    this.sink = sink;
    this.disconnectedAtMs = undefined;
    for (const delivery of this.inflight.inOrder()) resend(delivery, sink); // [MQTT-4.4.0-1]
    this.pump();
  }

  /** The client's connection is gone; what it is owed stays. */
  detach(nowMs: number): void {
    this.sink = undefined;
    this.replays = undefined;
    this.disconnectedAtMs = nowMs;
  }

  /** Messages owed at QoS 1 and 2. */
  get owedCount(): number {
    return this.inflight.size + this.queue.length;
  }

  /** Whether a delivery of this size finds room, for the policy that refuses when it doesn't. */
  hasRoomFor(message: Message): boolean {
    return this.canSend() || !this.isQueueFull(message);
  }

  /**
   * Takes on a message for the client [MQTT-4.5.0-1]: sends it, or queues it at QoS 1 and 2.
   * @param retain The RETAIN flag that the client sees: set only for what answers a subscription
   *   [MQTT-3.3.1-8] [MQTT-3.3.1-9].
   * @returns what the session owes now; undefined at QoS 0, and when the queue's policy let it go.
   */
  offer(message: Message, qos: QoS, retain = false): Delivery | undefined {
    if (qos === 0) {
      if (this.sink !== undefined) this.sink.deliver(message, 0, 0, retain);
      else this.counters.dropped.offline++;
      return undefined;
    }
    const open = this.canSend();
    if (!open && this.isQueueFull(message) && !this.makeRoom(message)) return undefined;
    message.keep();
    const delivery = new Delivery(this.nextSequence++, message, qos, retain);
    if (!open || !this.send(delivery)) this.enqueue(delivery);
    return delivery;
  }

  /** Sends retained messages to a subscription just made, behind what is queued [MQTT-3.3.1-6]. */
  replay(messages: Iterator<RetainedMessage, void>, granted: QoS): void {
    (this.replays ??= []).push({ messages, granted });
    this.pump();
  }

  /** Sends what waits, as far as the window and the connection let it. */
  pump(): void {
    for (let head = this.queue.peek(); head !== undefined; head = this.queue.peek()) {
      if (!this.hasOpenWindow() || !this.send(head)) return;
      this.queue.shift();
      this.queuedBytes -= head.message.queueBytes;
    }
    if (this.replays !== undefined) this.pumpReplays();
  }

  /**
   * PUBACK: the delivery is done, and its id free again [MQTT-4.3.2-1].
   * @returns what was settled; undefined for an id that owes no PUBACK, which changes nothing.
   */
  acknowledge(packetId: number): Delivery | undefined {
    const delivery = this.inflight.find(packetId);
    return delivery?.qos === 1 ? this.settle(delivery) : undefined;
  }

  /**
   * PUBREC: the receiver has it; it is never sent again, only PUBREL is [MQTT-4.3.3-1].
   * @returns what the PUBREL may be sent for, by `release`; undefined for an id that owes no PUBREC.
   */
  received(packetId: number): Delivery | undefined {
    const delivery = this.inflight.find(packetId);
    if (delivery?.qos !== 2) return undefined;
    delivery.stage = 'released';
    return delivery;
  }

  /** Sends the PUBREL of a delivery that its receiver has. */
  release(delivery: Delivery): void {
    this.sink?.release(delivery.packetId);
  }

  /**
   * PUBCOMP: the delivery is done, and its id free again.
   * @returns what was settled; undefined for an id that owes no PUBCOMP, which changes nothing.
   */
  complete(packetId: number): Delivery | undefined {
    const delivery = this.inflight.find(packetId);
    return delivery?.stage === 'released' ? this.settle(delivery) : undefined;
  }

  /** Notes the id of an incoming QoS 2 message. @returns false for a repeat, which isn't routed again [MQTT-4.3.3-2]. */
  noteReceivedId(packetId: number): boolean {
    this.receivedIds ??= new Set();
    if (this.receivedIds.has(packetId)) return false;
    this.receivedIds.add(packetId);
    return true;
  }

  /** PUBREL: the id means a new message from now on [MQTT-4.3.3-2]. */
  forgetReceivedId(packetId: number): void {
    this.receivedIds?.delete(packetId);
  }

  private canSend(): boolean {
    return this.queue.length === 0 && this.hasOpenWindow();
  }

  private hasOpenWindow(): boolean {
    return this.sink?.writable === true && this.inflight.size < this.limits.inflightMax;
  }

  /** @returns false when its packet id is still in flight: it then waits in the queue. */
  private send(delivery: Delivery): boolean {
    if (this.sink === undefined || !this.inflight.add(delivery)) return false;
    delivery.stage = 'sent';
    this.sink.deliver(delivery.message, delivery.qos, delivery.packetId, delivery.retain);
    return true;
  }

  private settle(delivery: Delivery): Delivery {
    delivery.stage = 'settled';
    this.inflight.remove(delivery);
    if (this.queue.length > 0 || this.replays !== undefined) this.pump();
    return delivery;
  }

  private enqueue(delivery: Delivery): void {
    this.queue.push(delivery);
    this.queuedBytes += delivery.message.queueBytes;
  }

  private isQueueFull(message: Message): boolean {
    return (
      this.queue.length >= this.limits.queueMessagesMax ||
      this.queuedBytes + message.queueBytes > this.limits.queueBytesMax
    );
  }

  /** Applies the queue's policy; each message that gives way is counted. @returns whether there is room now. */
  private makeRoom(message: Message): boolean {
    while (this.limits.queuePolicy === 'dropOldest' && this.queue.length > 0 && this.isQueueFull(message)) {
      const oldest = this.queue.shift();
      if (oldest === undefined) break;
      oldest.stage = 'settled';
      this.queuedBytes -= oldest.message.queueBytes;
      this.counters.dropped.queue_full++;
    }
    if (!this.isQueueFull(message)) return true;
    this.counters.dropped.queue_full++;
    return false;
  }

  private pumpReplays(): void {
    for (let sent = 0; this.replays?.[0] !== undefined; sent++) {
      if (this.queue.length > 0 || !this.hasOpenWindow()) return;
      if (sent === REPLAY_STEP_MESSAGES) {
        this.sink?.pumpLater();
        return;
      }
      const [{ messages, granted }] = this.replays as [Replay];
      const next = messages.next();
      if (next.done === true) this.replays.shift();
      else this.offer(next.value.message, lowerQos(next.value.message.qos, granted), true);
    }
    this.replays = undefined;
  }
}

function resend(delivery: Delivery, sink: DeliverySink): void {
  const { message, qos, packetId, retain } = delivery;
  if (delivery.stage === 'released') sink.release(packetId);
  else sink.redeliver(message, qos, packetId, retain);
}
