import type { Delivery } from '../../src/domain/session/delivery.js';
import type { Session } from '../../src/domain/session/session.js';
import { FakeLink, type SentPacket, type SentPublish } from './fake-link.js';

/** Who writes down what a client has acknowledged. */
export interface ModelJournal {
  settle(delivery: Delivery): void;
  received(delivery: Delivery, committed: () => void): void;
}

/**
 * A client that keeps the standard's rules, over a network that may drop what is on its way in either
 * direction. It checks what no client may ever see: a packet id given to a second message while the
 * first is unsettled, more in flight than agreed, a resend of something else.
 */
export class ModelClient {
  /** Payloads of QoS 1 in the order of arrival, repeats included. */
  readonly atLeastOnce: string[] = [];
  /** Payloads of QoS 2 as its application got them. */
  readonly exactlyOnce: string[] = [];
  /** Payloads of QoS 0. */
  readonly atMostOnce: string[] = [];

  private link: FakeLink | undefined;
  private withheld: string | undefined;
  private inbox: SentPacket[] = [];
  private answers: (() => void)[] = [];
  /** Ids of QoS 2 messages that were taken and not yet released: a client keeps them when it is cut off. */
  private readonly takenIds = new Set<number>();
  /** What the broker has sent and not yet heard the last of, by packet id. */
  private readonly unsettled = new Map<number, SentPublish>();
  /** Ids of QoS 2 messages that the broker knows the client to have: they are never sent again [MQTT-4.3.3-1]. */
  private readonly knownTaken = new Set<number>();
  /** What was ever sent: to send it again takes DUP [MQTT-3.3.1-1]. */
  private readonly sentBefore = new Set<string>();

  private hasSeenRestart = false;

  constructor(
    private session: Session,
    private readonly inflightMax: number,
    /** The journal of a session that is stored; without it what is told is durable at once. */
    private readonly journal: ModelJournal = {
      settle: () => undefined,
      received: (_, committed) => committed(),
    },
  ) {}

  get isConnected(): boolean {
    return this.link !== undefined;
  }

  connect(): void {
    this.link = new FakeLink();
    this.session.attach(this.link);
    this.collect();
  }

  /** The connection fails: what is on its way is lost. */
  drop(): void {
    this.collect();
    this.link = undefined;
    this.inbox = [];
    this.answers = [];
    this.session.detach(0);
  }

  /** The broker has ended without warning, and another goes on with this session. */
  restart(session: Session): void {
    if (this.isConnected) this.drop();
    this.session = session;
    this.unsettled.clear();
    this.knownTaken.clear();
    this.hasSeenRestart = true;
  }

  setWritable(isWritable: boolean): void {
    if (this.link === undefined) return;
    this.link.writable = isWritable;
    if (isWritable) this.session.pump();
    this.collect();
  }

  /** Reads so many packets, and makes up its answers; they are on their way then. */
  read(packets: number): void {
    this.collect();
    for (const packet of this.inbox.splice(0, packets)) this.handle(packet);
  }

  /** From now on it reads the message with this payload, at QoS 1, and doesn't answer it. */
  withhold(payload: string): void {
    this.withheld = payload;
  }

  /** The answer that was withheld arrives after all. */
  makeGood(): void {
    const packet = [...this.unsettled.values()].find(({ payload }) => payload === this.withheld);
    this.withheld = undefined;
    if (packet !== undefined) this.acknowledge(packet);
    this.collect();
  }

  /** So many of its answers arrive, in order. */
  answer(count: number): void {
    for (const arrive of this.answers.splice(0, count)) {
      arrive();
      this.collect();
    }
  }

  /** Takes over what the broker has handed to the connection, and checks it. */
  collect(): void {
    for (const packet of this.link?.takeSent() ?? []) {
      if (packet.type === 'publish' && packet.qos > 0) this.checkPublish(packet);
      this.inbox.push(packet);
    }
    if (this.unsettled.size > this.inflightMax) throw new Error(`${this.unsettled.size} in flight`);
  }

  private checkPublish(packet: SentPublish): void {
    const { packetId, dup, payload } = packet;
    const known = this.unsettled.get(packetId);
    if (packetId < 1 || packetId > 65_535) throw new Error(`packet id ${packetId}`);
    if (!dup && known !== undefined)
      throw new Error(`id ${packetId} is given to ${payload} and ${known.payload}`);
    if (dup && known?.payload !== payload && !(known === undefined && this.hasSeenRestart))
      throw new Error(`a resend of ${payload} under id ${packetId}`);
    if (dup && this.knownTaken.has(packetId)) throw new Error(`${payload} is sent again after its PUBREC`);
    if (!dup && this.sentBefore.has(payload)) throw new Error(`${payload} is sent again without DUP`);
    this.sentBefore.add(payload);
    this.unsettled.set(packetId, packet);
  }

  private handle(packet: SentPacket): void {
    const { session } = this;
    if (packet.type === 'pubrel') {
      const { packetId } = packet;
      this.takenIds.delete(packetId);
      this.answers.push(() => {
        this.settled(packetId, session.complete(packetId));
      });
    } else if (packet.type !== 'publish') {
      throw new Error(`a ${packet.type} from a session`);
    } else if (packet.qos === 0) {
      this.atMostOnce.push(packet.payload);
    } else if (packet.qos === 1) {
      this.atLeastOnce.push(packet.payload);
      if (packet.payload !== this.withheld) this.answers.push(() => this.acknowledge(packet));
    } else {
      this.take(packet);
    }
  }

  private acknowledge({ packetId }: SentPublish): void {
    this.settled(packetId, this.session.acknowledge(packetId));
  }

  private take({ packetId, payload }: SentPublish): void {
    if (!this.takenIds.has(packetId)) this.exactlyOnce.push(payload);
    this.takenIds.add(packetId);
    this.answers.push(() => {
      const { session } = this;
      const delivery = session.received(packetId);
      this.knownTaken.add(packetId);
      if (delivery !== undefined) this.journal.received(delivery, () => session.release(delivery));
    });
  }

  private settled(packetId: number, delivery: Delivery | undefined): void {
    if (delivery === undefined) return;
    this.unsettled.delete(packetId);
    this.knownTaken.delete(packetId);
    this.journal.settle(delivery);
  }
}
