import type { Session } from '../../src/domain/session/session.js';
import { FakeLink, type SentPacket, type SentPublish } from './fake-link.js';

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

  constructor(
    private readonly session: Session,
    private readonly inflightMax: number,
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
    if (dup && known?.payload !== payload) throw new Error(`a resend of ${payload} under id ${packetId}`);
    this.unsettled.set(packetId, packet);
  }

  private handle(packet: SentPacket): void {
    const { session } = this;
    if (packet.type === 'pubrel') {
      const { packetId } = packet;
      this.takenIds.delete(packetId);
      this.answers.push(() => {
        if (session.complete(packetId) !== undefined) this.unsettled.delete(packetId);
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
    if (this.session.acknowledge(packetId) !== undefined) this.unsettled.delete(packetId);
  }

  private take({ packetId, payload }: SentPublish): void {
    if (!this.takenIds.has(packetId)) this.exactlyOnce.push(payload);
    this.takenIds.add(packetId);
    this.answers.push(() => {
      const delivery = this.session.received(packetId);
      if (delivery !== undefined) this.session.release(delivery);
    });
  }
}
