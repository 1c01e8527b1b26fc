import type { Broker, ConnectedClient, ConnectOutcome, Steps } from '../../application/broker.js';
import type { ByteStream, StreamListener } from '../../application/ports/byte-stream.js';
import type { ClientLink } from '../../application/ports/client-link.js';
import type { PacketTrace } from '../../application/ports/client-traces.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { CloseReason } from '../../domain/close-reason.js';
import { ConnectCode, type ConnectRefusal } from '../../domain/connect-code.js';
import { countUp } from '../../domain/counters.js';
import type { Message } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import { SUBSCRIBE_FAILURE, type SubscribeCode } from '../../domain/subscription/subscribe-code.js';
import type { ConnectionEnd } from '../../domain/will/will.js';
import type { LinkContext, LinkOrigin } from './link-context.js';
import type { LinkState } from './link-state.js';
import type { Sharer } from './fair-share.js';
import { Outbox } from './outbox.js';
import { PacketDecoder } from './packet-decoder.js';
import type { ConnectFields } from './packet-handler.js';
import { PacketReceiver, type ReceivingLink } from './packet-receiver.js';
import { PacketType, type ProtocolLevel } from './packet-types.js';
import { Flag, PacketWriter } from './packet-writer.js';
import { PublishRate } from './publish-rate.js';
import { reportEnd } from './report-end.js';
import { traceConnect, TracedReceiver, TracedWriter } from './traced-packets.js';
import { Turns } from './turns.js';

/** Past this much that the peer hasn't taken, deliveries at QoS 1 and 2 wait in the session. Bytes. */
const WRITABLE_BYTES_MAX = 262_144;
/** How long a peer may take to end its side, in milliseconds. */
const CLOSING_GRACE_MS = 3000;

/** One client's connection: takes its packets to the broker, and the broker's packets to it. */
export class Link implements ClientLink, ReceivingLink, StreamListener, Sharer {
  client: ConnectedClient | undefined;
  readonly openedAtMs: number;
  keepAliveMs = 0;
  readonly inflightMax: number;
  readonly subscriptionsMax: number;

  private state: LinkState = 'awaiting-connect';
  private level: ProtocolLevel = 4;
  private lastReceivedMs: number;
  /** Since when the state or the outbox has not made the progress that it must make. */
  private waitingSinceMs: number;
  /**
   * Reading stops while the client has sent more than it may, while the journal has no room for it, and
   * while it doesn't read the answers to what it sends.
   */
  private isHeld = false;
  private isClogged = false;
  private isPeerGone = false;
  private readonly broker: Broker;
  private readonly writableBytesMax: number;
  private readonly outbox: Outbox;
  private writer: PacketWriter;
  private readonly receiver: PacketReceiver;
  private tracing: PacketTrace | undefined;
  private readonly decoder: PacketDecoder;
  /** Reading also stops while it is the turn of others. */
  private readonly turns: Turns;
  private readonly rate: PublishRate;

  constructor(
    private readonly context: LinkContext,
    private readonly stream: ByteStream,
    private readonly origin: LinkOrigin,
  ) {
    const { broker, clock } = context;
    const { limits, topics } = origin;
    this.broker = broker;
    this.inflightMax = limits.inflightMax;
    this.subscriptionsMax = limits.subscriptionsPerSessionMax;
    this.writableBytesMax = Math.min(WRITABLE_BYTES_MAX, limits.outboxBytesMax);
    this.openedAtMs = this.lastReceivedMs = clock.nowMs();
    this.waitingSinceMs = origin.sinceMs;
    this.outbox = new Outbox(stream, context.pool, context.schedule, this);
    this.writer = this.writerFor(undefined);
    this.receiver = new PacketReceiver(this, broker);
    this.decoder = new PacketDecoder(this.receiver, topics, context.frame, limits);
    this.turns = new Turns(context.share, this);
    this.rate = new PublishRate(limits, context.memory, broker.counters);
  }

  get remoteAddress(): string {
    return this.stream.remoteAddress;
  }

  get certificate(): ClientCertificate | undefined {
    return this.stream.certificate;
  }

  get listener(): string {
    return this.origin.listener.name;
  }

  get waitingBytes(): number {
    return this.outbox.waitingBytes;
  }

  get isOpen(): boolean {
    return this.state !== 'closing' && this.state !== 'closed';
  }

  get takesPackets(): boolean {
    if (this.turns.isWaiting) return false;
    if (this.state === 'open') return !this.rate.isUsedUp && !this.isHeld && !this.isClogged;
    return this.state === 'awaiting-connect';
  }

  get writable(): boolean {
    return this.outbox.waitingBytes < this.writableBytesMax;
  }

  // From the stream.

  received(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.lastReceivedMs = this.context.clock.nowMs();
    this.broker.counters.receivedBytes += bytes.length;
    this.turns.begin();
    this.guard(() => this.decoder.decode(bytes));
    this.rate.received(bytes.length);
    this.throttle();
    this.context.schedule.chunkHandled(bytes.length);
  }

  written(): void {
    if (!this.outbox.isBehind) return;
    this.waitingSinceMs = this.context.clock.nowMs();
    this.guard(() => {
      if (this.outbox.written()) this.flushed();
    });
  }

  /** The end of a session with many subscriptions takes a while, and many may end at once. */
  closed(): void {
    const { share } = this.context;
    this.isPeerGone = true;
    if (share.isBusy()) share.defer(this, true);
    else this.finish();
  }

  private finish(): void {
    this.guard(() => {
      if (this.isOpen) this.end('peer_closed', 'lost');
    });
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.outbox.clear();
    this.context.forget(this, this.origin.place);
  }

  /** Ends the connection at once, whatever waits. */
  abandon(): void {
    this.stream.destroy();
  }

  /** What the outbox held is on its way: the session may have more. */
  flushed(): void {
    if (this.state !== 'open') return;
    this.client?.session.pump();
    if (!this.isClogged || !this.writable) return;
    this.isClogged = false;
    this.goOnReading();
  }

  /** A fault of our own: it ends this connection. */
  fail(error: unknown): void {
    this.broker.counters.internalErrors++;
    const stack = error instanceof Error ? error.stack : String(error);
    this.context.logger.error('a packet could not be handled', { remoteAddress: this.remoteAddress, stack });
    this.close('internal_error');
  }

  /** Has the packets of this connection written down from now on, or no longer. */
  trace(trace: PacketTrace | undefined): void {
    this.tracing = trace;
    this.decoder.handTo(trace === undefined ? this.receiver : new TracedReceiver(this.receiver, trace));
    this.writer = this.writerFor(trace);
  }

  /** Looks after everything that depends on time; called at every tick. */
  sweep(nowMs: number, elapsedMs: number): void {
    const { connectTimeoutSeconds, outboxStallSeconds } = this.origin.limits;
    const waitedMs = nowMs - this.waitingSinceMs;
    if (this.state === 'closing') {
      if (waitedMs >= CLOSING_GRACE_MS) this.stream.destroy();
    } else if (this.state === 'awaiting-connect') {
      if (waitedMs >= connectTimeoutSeconds * 1000) this.close('connect_timeout');
    } else if (this.keepAliveMs > 0 && nowMs - this.lastReceivedMs >= this.keepAliveMs * 1.5) {
      if (this.state === 'open') this.close('keep_alive_timeout'); // [MQTT-3.1.2-24]
    } else if (this.writable) {
      this.waitingSinceMs = nowMs;
    } else if (waitedMs >= outboxStallSeconds * 1000) {
      this.close('outbox_stalled');
    }
    // What isn't read can't keep the connection alive.
    if (!this.takesPackets) this.lastReceivedMs = nowMs;
    if (this.rate.refill(elapsedMs)) this.goOnReading();
  }

  // From the broker.

  accept(sessionPresent: boolean): void {
    this.state = 'open';
    this.lastReceivedMs = this.waitingSinceMs = this.context.clock.nowMs();
    this.writer.connack(ConnectCode.accepted, sessionPresent && this.level === 4); // [MQTT-3.1.4-4]
  }

  deliver(message: Message, qos: QoS, packetId: number, retain: boolean): boolean {
    return this.publish(message, qos, packetId, retain ? Flag.retain : 0); // [MQTT-3.3.1-3] [MQTT-4.3.1-1]
  }

  redeliver(message: Message, qos: QoS, packetId: number, retain: boolean): void {
    this.publish(message, qos, packetId, retain ? Flag.dup | Flag.retain : Flag.dup); // [MQTT-3.3.1-1]
  }

  release(packetId: number): void {
    this.writer.acknowledgement((PacketType.pubrel << 4) | 2, packetId); // [MQTT-2.2.2-1]
  }

  pumpLater(): void {
    this.outbox.scheduleFlush();
  }

  puback(packetId: number): void {
    this.writer.acknowledgement(PacketType.puback << 4, packetId); // [MQTT-2.3.1-6]
  }

  pubrec(packetId: number): void {
    this.writer.acknowledgement(PacketType.pubrec << 4, packetId);
  }

  pubcomp(packetId: number): void {
    this.writer.acknowledgement(PacketType.pubcomp << 4, packetId);
  }

  /** MQTT 3.1 has no code for a failure: such a client is told the lowest quality. */
  suback(packetId: number, codes: readonly SubscribeCode[]): void {
    const known = this.level === 4 ? codes : codes.map((code) => (code === SUBSCRIBE_FAILURE ? 0 : code));
    this.writer.suback(packetId, known); // [MQTT-3.8.4-2] [MQTT-2.3.1-7]
  }

  unsuback(packetId: number): void {
    this.writer.unsuback(packetId);
  }

  holdReading(): void {
    this.isHeld = true;
    this.stream.pause();
  }

  resumeReading(): void {
    this.isHeld = false;
    this.goOnReading();
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    this.end(reason, reason === 'taken_over' ? 'taken-over' : 'lost');
    this.endStream();
  }

  // From the receiver of its packets.

  beginConnect(request: ConnectFields, level: ProtocolLevel): boolean {
    if (this.state !== 'awaiting-connect') return false;
    this.state = 'connecting';
    this.level = level;
    this.keepAliveMs = request.keepAliveSeconds * 1000;
    this.stream.pause();
    this.retrace(request.clientId);
    if (this.tracing !== undefined) traceConnect(this.tracing, request, level);
    const { anonymousAllowed } = this.origin.listener;
    this.broker.connect({ ...request, anonymousAllowed }, this).then(
      (outcome) => this.guard(() => this.connected(outcome)),
      (error: unknown) => this.fail(error),
    );
    return true;
  }

  refuseLevel(): boolean {
    if (this.state !== 'awaiting-connect') return false;
    this.broker.refusedConnection(this, 'unacceptable_protocol_level');
    this.refuse(ConnectCode.unacceptableProtocolLevel); // [MQTT-3.1.2-2]
    return true;
  }

  mustWait(): boolean {
    return this.turns.mustWait();
  }

  handled(isCheap: boolean): void {
    this.turns.handled(isCheap);
  }

  goOnWith(steps: Steps): void {
    this.turns.goOnWith(steps);
  }

  continue(): void {
    if (this.isPeerGone) this.finish();
    else this.goOnReading();
  }

  published(): void {
    this.rate.published();
  }

  pingresp(): void {
    this.writer.pingresp();
  }

  /** The client's own end: no will, and what it may send behind it is ignored [MQTT-3.14.4-3]. */
  disconnected(): void {
    this.end('disconnect_packet', 'disconnect-packet');
    this.endStream();
  }

  private writerFor(trace: PacketTrace | undefined): PacketWriter {
    const { outbox, broker, context } = this;
    if (trace === undefined) return new PacketWriter(outbox, context.frame, broker.counters);
    return new TracedWriter(outbox, context.frame, broker.counters, trace);
  }

  /** @returns whether it is sent. */
  private publish(message: Message, qos: QoS, packetId: number, flags: number): boolean {
    const { counters } = this.broker;
    if (qos === 0 && this.outbox.waitingBytes > this.origin.limits.outboxBytesMax) {
      counters.dropped.outbox_full++;
      return false;
    }
    this.writer.publish(message, qos, flags, packetId);
    return true;
  }

  private connected(outcome: ConnectOutcome): void {
    if ('gone' in outcome) return;
    if ('refusal' in outcome) return this.refuse(outcome.refusal);
    this.client = outcome.client;
    this.retrace(this.client.session.clientId);
    this.goOnReading();
  }

  /** What a client is known by may be ours, and a trace may have begun or ended meanwhile. */
  private retrace(clientId: string): void {
    const trace = this.context.traces.find(clientId);
    if (trace !== this.tracing) this.trace(trace);
  }

  private refuse(code: ConnectRefusal): void {
    if (!this.isOpen) return;
    countUp(this.broker.counters.connectsRefused, code);
    this.writer.connack(code, false); // [MQTT-3.2.2-4]
    this.close('connect_refused'); // [MQTT-3.2.2-5]
  }

  private end(reason: CloseReason, end: ConnectionEnd): void {
    this.state = 'closing';
    this.waitingSinceMs = this.context.clock.nowMs();
    this.decoder.clear();
    this.tracing?.event('connection closed', { reason });
    const { remoteAddress, listener } = this;
    reportEnd(this.context, reason, { clientId: this.client?.session.clientId, remoteAddress, listener });
    if (this.client !== undefined) this.broker.endConnection(this.client, { end, reason });
    // Why it was refused has been told.
    else if (reason !== 'connect_refused') this.broker.endUnusedConnection(this, reason);
  }

  private endStream(): void {
    this.outbox.writeAll();
    this.stream.end();
    this.stream.resume();
  }

  private throttle(): void {
    if (this.outbox.waitingBytes > this.origin.limits.outboxBytesMax) this.isClogged = true;
    if (!this.takesPackets && this.isOpen) this.stream.pause();
  }

  /** Does what is left of the last packet, takes those that were held back, and lets more come. */
  private goOnReading(): void {
    if (!this.takesPackets) return;
    this.turns.begin();
    this.guard(() => {
      if (this.turns.finish()) this.decoder.resume();
    });
    if (this.takesPackets) this.stream.resume();
  }

  /** A fault of our own ends this connection and touches no other. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }
}
