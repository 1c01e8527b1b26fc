import { Message } from '../../src/domain/message.js';
import type { QoS } from '../../src/domain/qos.js';
import type { DeliverySink } from '../../src/domain/session/delivery-sink.js';
import type { Session } from '../../src/domain/session/session.js';
import type { FakeDeliveryStore } from './fake-delivery-store.js';
import { topicName } from './make-message.js';

/** A message that tells which of a test's messages it is. */
export class NumberedMessage extends Message {
  constructor(
    readonly serial: number,
    qos: QoS,
  ) {
    // Of different sizes, so that a count of bytes can't be right by chance.
    const bytes = new Uint8Array(serial % 7);
    super(topicName('t'), bytes, 0, bytes.length, qos, false);
  }
}

/** @throws when the message isn't one of the test's. */
export function serialOf(message: Message): number {
  if (message instanceof NumberedMessage) return message.serial;
  throw new Error('a message without a number');
}

type Packet =
  | {
      readonly type: 'publish';
      readonly serial: number;
      readonly qos: QoS;
      readonly packetId: number;
      readonly isDup: boolean;
    }
  | { readonly type: 'pubrel'; readonly packetId: number };

/** Gathers what a session hands to its connection. */
class PacketSink implements DeliverySink {
  writable = true;
  packets: Packet[] = [];
  isPumpAsked = false;

  deliver(message: Message, qos: QoS, packetId: number): boolean {
    this.packets.push({ type: 'publish', serial: serialOf(message), qos, packetId, isDup: false });
    return true;
  }

  redeliver(message: Message, qos: QoS, packetId: number): void {
    this.packets.push({ type: 'publish', serial: serialOf(message), qos, packetId, isDup: true });
  }

  release(packetId: number): void {
    this.packets.push({ type: 'pubrel', packetId });
  }

  pumpLater(): void {
    this.isPumpAsked = true;
  }
}

/**
 * The client of a stored session, over a network that loses what is on its way when it breaks. It keeps
 * what a client keeps over connections, checks what no client may see, and acknowledges as a broker
 * does it: to the session and to its store.
 */
export class StoredClient {
  /** Serials at QoS 1 in the order of arrival, repeats included. */
  readonly atLeastOnce: number[] = [];
  /** Serials at QoS 2 as its application got them. */
  readonly exactlyOnce: number[] = [];
  /** Serials of messages that stood in the store when the broker was started: DUP may be set too often on them. */
  readonly restored = new Set<number>();

  private sink: PacketSink | undefined;
  private inbox: Packet[] = [];
  private answers: (() => void)[] = [];
  /** What the session has sent, ever. */
  private readonly sent = new Set<number>();
  private lastSerial = 0;
  /** By packet id: QoS 2 messages that were taken and not released yet. */
  private readonly taken = new Map<number, number>();
  private readonly unsettled = new Set<number>();

  constructor(
    public session: Session,
    private readonly store: FakeDeliveryStore,
    private readonly inflightMax: number,
  ) {}

  get isConnected(): boolean {
    return this.sink !== undefined;
  }

  /** Whether the session has ever sent it. */
  wasSent(serial: number): boolean {
    return this.sent.has(serial);
  }

  connect(): void {
    this.sink = new PacketSink();
    this.lastSerial = 0;
    this.unsettled.clear();
    this.session.attach(this.sink);
    this.collect();
  }

  /** The connection fails: what is on its way is lost. */
  drop(): void {
    this.collect();
    this.sink = undefined;
    this.inbox = [];
    this.answers = [];
    this.session.detach(0);
  }

  setWritable(isWritable: boolean): void {
    if (this.sink === undefined) return;
    this.sink.writable = isWritable;
    if (isWritable) this.session.pump();
    this.collect();
  }

  /** Reads so many packets, and makes up its answers; they are on their way then. */
  read(packets: number): void {
    this.collect();
    for (const packet of this.inbox.splice(0, packets)) this.handle(packet);
  }

  /** So many of its answers arrive, in order. */
  answer(count: number): void {
    for (const arrive of this.answers.splice(0, count)) arrive();
    this.collect();
  }

  /** Takes over what the session has handed to the connection, and checks it. */
  collect(): void {
    if (this.sink === undefined) return;
    while (this.sink.isPumpAsked) {
      this.sink.isPumpAsked = false;
      this.session.pump();
    }
    const { packets } = this.sink;
    this.sink.packets = [];
    for (const packet of packets) {
      if (packet.type === 'publish') this.check(packet);
      this.unsettled.add(packet.packetId);
      this.inbox.push(packet);
    }
    if (this.unsettled.size > this.inflightMax) throw new Error(`${this.unsettled.size} in flight`);
  }

  private check({ serial, packetId, isDup }: Extract<Packet, { type: 'publish' }>): void {
    if (serial <= this.lastSerial) throw new Error(`message ${serial} behind ${this.lastSerial}`);
    this.lastSerial = serial;
    if (packetId < 1 || packetId > 65_535) throw new Error(`packet id ${packetId}`);
    if (this.unsettled.has(packetId)) throw new Error(`id ${packetId} is in flight, and given to ${serial}`);
    if (this.sent.has(serial) && !isDup) throw new Error(`message ${serial} comes again without DUP`);
    if (isDup && !this.sent.has(serial) && !this.restored.has(serial)) {
      throw new Error(`message ${serial} was never sent, and comes with DUP`);
    }
    this.sent.add(serial);
  }

  private handle(packet: Packet): void {
    const { session, store } = this;
    const { packetId } = packet;
    if (packet.type === 'pubrel') {
      this.taken.delete(packetId);
      this.answers.push(() => this.settle(packetId, session.complete(packetId)));
    } else if (packet.qos === 1) {
      this.atLeastOnce.push(packet.serial);
      this.answers.push(() => this.settle(packetId, session.acknowledge(packetId)));
    } else {
      if (!this.taken.has(packetId)) this.exactlyOnce.push(packet.serial);
      this.taken.set(packetId, packet.serial);
      this.answers.push(() => {
        const delivery = session.received(packetId);
        if (delivery !== undefined) store.received(session, delivery, () => session.release(delivery));
      });
    }
  }

  private settle(packetId: number, delivery: ReturnType<Session['acknowledge']>): void {
    if (delivery === undefined) return;
    this.unsettled.delete(packetId);
    this.store.settle(delivery);
    // What the freed window let out came before this id could be used again.
    this.collect();
  }
}
