import type { Reach } from '../access/access-policy.js';
import type { ClientId } from '../client-id.js';
import type { Counters, DropReason } from '../counters.js';
import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { Subscription } from '../subscription/subscription.js';
import type { TopicFilter } from '../topic/topic-filter.js';
import { Backlog, MEMORY_QUEUE_BYTES, MEMORY_SIZES, type MemorySizes } from './backlog.js';
import { Delivery } from './delivery.js';
import { DeliveryQueue } from './delivery-queue.js';
import type { DeliverySink } from './delivery-sink.js';
import type { BacklogPage, DeliveryStore, ExpectedTrim } from './delivery-store.js';
import type { StoredBacklog, StoredSession, Trimmed } from './delivery-store.js';
import type { DeliveryTrace } from './delivery-trace.js';
import { InflightWindow } from './inflight-window.js';
import { offerOnce } from './offer-once.js';
import { Overflow } from './overflow.js';
import { ReceivedIds } from './received-ids.js';
import { handOver, resendAll } from './resend.js';
import { type RetainedFinder, RetainedReplays } from './retained-replays.js';
import type { SessionLimits } from './session-limits.js';
import { SessionShare } from './session-totals.js';
import type { ReplayTracer, SessionTraits } from './session-traits.js';

const NOTHING: readonly Delivery[] = [];

/**
 * What the broker keeps for a client id: its subscriptions, what it owes the client at QoS 1 and 2,
 * and the packet ids of QoS 2 messages that came from it [MQTT-4.1.0-1].
 *
 * Deliveries go out in one order. They wait in `queue`, behind it in `backlog`, and move to `inflight`
 * when they are sent: at once if the client is connected and reads, and the window has room, else when
 * that comes true. Retained messages for a new subscription are drawn from their source behind all that.
 */
export class Session implements StoredSession {
  readonly key: number;
  readonly clientId: ClientId;
  readonly durable: boolean;
  readonly subscriptions = new Map<TopicFilter, Subscription<Session>>();
  readonly receivedIds = new ReceivedIds();
  readonly overflow: Overflow<Session>;
  /** Milliseconds since the epoch at which the client went away; undefined while it is connected. */
  disconnectedAtMs: number | undefined;
  /** Tells what it may be sent, where its subscriptions don't; what it may not is dropped. */
  reach: Reach | undefined;

  /** The last sequence that was sent. */
  sentThrough = -1;
  receivedThrough = -1;
  /** Whether it stood in its store when the broker started. */
  isRestored = false;

  private sink: DeliverySink | undefined;
  private readonly inflight = new InflightWindow();
  private readonly queue = new DeliveryQueue();
  private readonly backlog: Backlog | undefined;
  private nextSequence = 0;
  private replays: RetainedReplays<Session> | undefined;
  /** What was in flight when the connection before ended, and hasn't been sent again yet. */
  private resends: readonly Delivery[] = NOTHING;
  /** The last sequence that may have been sent before the broker started. */
  private resendThrough = -1;
  private readonly limits: SessionLimits;
  private readonly counters: Counters;
  private readonly store: DeliveryStore | undefined;
  private readonly memory: MemorySizes;
  private readonly share: SessionShare;
  private readonly traceReplay: ReplayTracer<Session> | undefined;

  constructor(traits: SessionTraits<Session>) {
    const { key, clientId, durable, limits, counters, store, memory, onOverflow } = traits;
    this.memory = memory ?? MEMORY_SIZES;
    this.traceReplay = traits.traceReplay;
    this.share = new SessionShare(counters.totals);
    this.overflow = new Overflow<Session>(this, counters, onOverflow);
    this.key = key;
    this.clientId = clientId;
    this.durable = durable;
    this.limits = limits;
    this.counters = counters;
    this.store = durable ? store : undefined;
    this.backlog = this.store === undefined ? undefined : new Backlog(this.memory);
  }

  /** Whether what it owes stands in a store. */
  get isStored(): boolean {
    return this.store !== undefined;
  }

  /** Messages owed at QoS 1 and 2. */
  get owedCount(): number {
    return this.inflight.size + this.waitingCount;
  }

  /** Messages that wait for the window, in memory or in the store. */
  get waitingCount(): number {
    return this.queue.length + (this.backlog?.count ?? 0);
  }

  /** Topic and payload bytes of the messages that wait for the window. */
  get waitingBytes(): number {
    return this.queue.bytes + (this.backlog?.bytes ?? 0);
  }

  /**
   * What its store held when the broker started.
   * @param sentThrough The last sequence that may have been sent: what is left of these goes out with DUP.
   */
  restore(stored: StoredBacklog | undefined, sentThrough: number): void {
    if (stored !== undefined) this.backlog?.restore(stored, sentThrough);
    this.nextSequence = Math.max(stored?.lastSequence ?? -1, sentThrough) + 1;
    this.resendThrough = this.sentThrough = sentThrough;
    this.receivedThrough = (stored?.firstSequence ?? this.nextSequence) - 1;
    this.account();
    if (stored?.oldestAtMs !== undefined) this.share.waitingSince(stored.oldestAtMs);
  }

  /** Binds the session to its client's new connection, and sends again what was left unsettled. */
  attach(sink: DeliverySink): void {
    this.sink = sink;
    this.disconnectedAtMs = undefined;
    this.resends = this.inflight.inOrder(); // [MQTT-4.4.0-1]
    this.pump();
  }

  /** The client's connection is gone; what it is owed stays, in the store if there is one. */
  detach(nowMs: number): void {
    this.sink = undefined;
    this.resends = NOTHING;
    this.disconnectedAtMs = nowMs;
    if (this.backlog === undefined) return;
    this.backlog.takeOver(this.queue, this.queue.bytes);
    this.queue.clear();
    this.account();
  }

  /** It is thrown away: what it owes is owed no longer. */
  end(): void {
    this.share.end();
    // The end of a durable one is a record of its own, which tells of all that it owed.
    if (!this.durable) for (const { trace } of this.held()) trace?.dropped('session_ended');
  }

  /** Whether a delivery of this size finds room, for the policy that refuses when it doesn't. */
  hasRoomFor(message: Message): boolean {
    return this.isIdle() || !this.isQueueFull(message);
  }

  /**
   * Takes on a message for the client [MQTT-4.5.0-1]: sends it, or queues it at QoS 1 and 2.
   * @param retain The RETAIN flag that the client sees: set only for what answers a subscription
   *   [MQTT-3.3.1-8] [MQTT-3.3.1-9].
   * @param trace Is told what becomes of it.
   * @returns what the session owes now, to be stored by the caller if the session is; undefined at
   *   QoS 0, and when the queue's policy or the session's reach let it go.
   */
  offer(message: Message, qos: QoS, retain = false, trace?: DeliveryTrace): Delivery | undefined {
    if (this.reach !== undefined && !this.isInReach(message)) {
      trace?.dropped('receive_denied');
      return undefined;
    }
    if (qos === 0) {
      offerOnce(this.sink, { message, retain, trace }, this.counters);
      return undefined;
    }
    const isIdle = this.isIdle();
    if (!isIdle && this.isQueueFull(message) && !this.makeRoom(message)) {
      trace?.dropped('queue_full');
      return undefined;
    }
    message.keep();
    const delivery = new Delivery(this.takeSequence(), message, qos, retain);
    delivery.trace = trace;
    trace?.owed(delivery.sequence);
    if (this.store !== undefined) delivery.storage = 'pending';
    if (!isIdle || !this.send(delivery)) this.enqueue(delivery);
    this.account();
    return delivery;
  }

  /** Sends retained messages to subscriptions just made, behind what is queued [MQTT-3.3.1-6]. */
  replay(subscriptions: readonly Subscription<Session>[], find: RetainedFinder): void {
    this.replays ??= new RetainedReplays({
      isCurrent: (made) => this.subscriptions.get(made.filter) === made,
      isReady: () => this.isIdle(),
      take: (retained, qos) => this.keep(retained, qos),
      ended: (made) => this.store?.replayed(this, made),
    });
    this.replays.add(subscriptions, find);
    this.pump();
  }

  /** Sends what waits, as far as the window and the connection let it. */
  pump(): void {
    this.resends = resendAll(this.resends, this.sink);
    if (this.resends.length > 0) return;
    for (let head = this.queue.peek(); head !== undefined; head = this.queue.peek()) {
      if (!this.hasOpenWindow()) break;
      // What may have been sent goes on to its end.
      if (!head.isResend && !this.isInReach(head.message)) this.dropHead('receive_denied');
      else if (this.send(head)) this.queue.shift();
      else break;
    }
    if (this.backlog?.isEmpty === false) this.refill(this.backlog);
    this.account();
    const stopped = this.replays?.goOn();
    if (stopped === 'end') this.replays = undefined;
    else if (stopped === 'pause') this.sink?.pumpLater();
  }

  /** A delivery of this session is in the database. */
  stored(delivery: Delivery): void {
    const { backlog } = this;
    if (backlog === undefined) return;
    backlog.committed(delivery.sequence);
    const mayGoOn = !backlog.isEmpty || (delivery.qos === 2 && delivery.stage === 'queued');
    if (mayGoOn && this.sink !== undefined) this.pump();
  }

  /** Goes on with deliveries that were read back. */
  restock(page: BacklogPage): void {
    for (const delivery of this.backlog?.restock(page) ?? NOTHING) {
      delivery.isResend = delivery.sequence <= this.resendThrough;
      this.queue.push(delivery);
    }
    this.pump();
  }

  trimmed(expected: ExpectedTrim, removed: Trimmed): void {
    this.backlog?.correct(expected, removed);
    this.account();
    if (expected.isPurge) this.counters.dropped.purged += removed.messages;
    else this.overflow.add(removed.messages - expected.messages);
  }

  /** What it holds in memory, in order: what is in flight, then what waits. */
  held(): Delivery[] {
    return [...this.inflight.inOrder(), ...this.queue];
  }

  /** Throws away all that waits and was never sent. @returns how many messages, as far as is known. */
  purge(): number {
    const waiting = this.waitingCount;
    while (this.queue.length > 0 && this.dropOldest('purged')) this.counters.dropped.purged++;
    const trim = this.backlog?.giveAllWay(this.nextSequence);
    if (trim !== undefined) this.store?.trim(this, trim);
    const purged = waiting - this.waitingCount;
    this.account();
    this.pump();
    return purged;
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
   * @returns the delivery, to be released when that is durable; undefined for an id that owes no PUBREC.
   */
  received(packetId: number): Delivery | undefined {
    const delivery = this.inflight.find(packetId);
    if (delivery?.qos !== 2) return undefined;
    if (delivery.stage === 'released') this.sink?.release(packetId);
    if (delivery.stage !== 'sent') return undefined;
    delivery.stage = 'received';
    this.receivedThrough = this.inflight.receivedThrough(this.receivedThrough, delivery.sequence);
    return delivery;
  }

  /** Sends the PUBREL of a delivery whose PUBREC is durable. */
  release(delivery: Delivery): void {
    delivery.stage = 'released';
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

  private account(): void {
    this.share.update(this.nextSequence, this.inflight.size, this.waitingCount, this.waitingBytes);
  }

  /** Nothing waits, and the next delivery can go out at once. */
  private isIdle(): boolean {
    return (
      this.queue.length === 0 &&
      this.resends.length === 0 &&
      this.backlog?.isEmpty !== false &&
      this.hasOpenWindow()
    );
  }

  /** The next sequence, past those whose packet id an older delivery still holds [MQTT-2.3.1-4]. */
  private takeSequence(): number {
    this.nextSequence = this.inflight.freeSequence(this.nextSequence) + 1;
    return this.nextSequence - 1;
  }

  private hasOpenWindow(): boolean {
    const { sink, inflight, limits } = this;
    return sink?.writable === true && inflight.size < (sink.inflightMax ?? limits.inflightMax);
  }

  /** @returns false when it may not leave yet, or its packet id is still in flight: it waits in the queue then. */
  private send(delivery: Delivery): boolean {
    const { sink } = this;
    if (sink === undefined || !delivery.maySend || !this.inflight.add(delivery)) return false;
    handOver(delivery, sink);
    this.sentThrough = Math.max(this.sentThrough, delivery.sequence);
    return true;
  }

  private settle(delivery: Delivery): Delivery {
    delivery.stage = 'settled';
    delivery.trace?.acknowledged();
    this.inflight.remove(delivery);
    this.pump();
    return delivery;
  }

  private enqueue(delivery: Delivery): void {
    const { backlog } = this;
    const isMemoryFull =
      this.sink === undefined ||
      this.queue.length >= this.memory.queueMessages ||
      this.queue.bytes >= MEMORY_QUEUE_BYTES;
    if (backlog !== undefined && (!backlog.isEmpty || isMemoryFull)) return backlog.add(delivery);
    this.queue.push(delivery);
  }

  /** Has the next page read when the queue runs low. */
  private refill(backlog: Backlog): void {
    if (this.sink === undefined || this.queue.length > this.memory.queueMessages / 2) return;
    const range = backlog.nextRead(this.nextSequence);
    if (range !== undefined) this.store?.read(this, range);
  }

  private isQueueFull(message: Message): boolean {
    return (
      this.waitingCount >= this.limits.queueMessagesMax ||
      this.waitingBytes + message.queueBytes > this.limits.queueBytesMax
    );
  }

  /** Applies the queue's policy; each message that gives way is counted. @returns whether there is room now. */
  private makeRoom(message: Message): boolean {
    const mayDrop =
      this.limits.queuePolicy === 'dropOldest' && message.queueBytes <= this.limits.queueBytesMax;
    while (mayDrop && this.waitingCount > 0 && this.isQueueFull(message) && this.dropOldest('queue_full')) {
      this.overflow.add(1);
    }
    if (!this.isQueueFull(message)) return true;
    this.overflow.add(1);
    return false;
  }

  /** @returns false when all that waits may have been sent, and so can't be taken back. */
  private dropOldest(reason: DropReason): boolean {
    if (this.queue.peek()?.isResend === true) return false;
    if (this.dropHead(reason)) return true;
    const trim = this.backlog?.giveWay(this.nextSequence);
    if (trim !== undefined) this.store?.trim(this, trim);
    return trim !== undefined;
  }

  /** @returns false when nothing waits in memory. */
  private dropHead(reason: DropReason): boolean {
    const head = this.queue.shift();
    if (head === undefined) return false;
    head.stage = 'settled';
    head.trace?.dropped(reason);
    this.store?.drop(this, head);
    return true;
  }

  /** Whether the client may be sent a message; one that it may not is counted. */
  private isInReach({ topic }: Message): boolean {
    if (this.reach?.mayReceive(topic) !== false) return true;
    this.counters.dropped.receive_denied++;
    return false;
  }

  private keep(retained: Message, qos: QoS): void {
    const delivery = this.offer(retained, qos, true, this.traceReplay?.(this, retained, qos));
    if (delivery !== undefined) this.store?.keep(this, delivery);
  }
}
