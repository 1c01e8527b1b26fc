import { AckHeader, encodePublish, PacketType, type TestMessage, uint16At } from './packets.js';
import { PersistentClient, type Surroundings } from './persistent-client.js';

/** A message on its way to the broker. */
interface Outgoing {
  readonly message: TestMessage;
  /** At QoS 2: PUBREC has come, and PUBREL is what is sent again. */
  isReleased: boolean;
}

/** How a publisher goes about it. */
export interface PublisherTraits {
  /** Connects with CleanSession 1, and is to be connected only once. */
  readonly cleanSession?: boolean;
  /** Messages in flight at most. */
  readonly window: number;
  /** Whether the id that was freed last comes next; otherwise all ids take their turn. */
  readonly reusesIds: boolean;
  /** The next message to publish; undefined when there is none for now. */
  readonly next: () => TestMessage | undefined;
  /** Called when the broker has taken a message on: PUBACK, or at QoS 2 the first PUBREC. */
  readonly onAcked: (message: TestMessage) => void;
}

const PACKET_IDS = 65_535;

/** Publishes, at QoS 1 and 2 with the sender's whole state machine over any number of connections. */
export class Publisher extends PersistentClient {
  private readonly inflight = new Map<number, Outgoing>();
  private readonly freed: number[] = [];
  private lastId = 0;
  /** The last that was answered on this connection, by type of answer: they have to come in order. */
  private answered = { puback: -1, pubrec: -1 };

  constructor(
    clientId: string,
    surroundings: Surroundings,
    private readonly traits: PublisherTraits,
  ) {
    super(clientId, surroundings, traits.cleanSession);
  }

  /** Messages whose handshake isn't complete. */
  get inflightCount(): number {
    return this.inflight.size;
  }

  /** Publishes as much as the window lets. */
  fill(): void {
    const { connection, inflight, traits } = this;
    if (!this.isOnline || connection === undefined) return;
    while (inflight.size < traits.window) {
      const message = traits.next();
      if (message === undefined) break;
      const id = message.qos === 0 ? 0 : this.takeId();
      if (message.qos > 0) inflight.set(id, { message, isReleased: false });
      connection.add(encodePublish(message, id, false));
    }
    connection.flush();
  }

  onChunkEnd(): void {
    this.fill();
  }

  /** Sends again what is unacknowledged, in order, under the original ids [MQTT-4.4.0-1]. */
  protected onOnline(): void {
    this.answered = { puback: -1, pubrec: -1 };
    for (const [id, { message, isReleased }] of this.inflight) {
      if (isReleased) this.connection?.addAck(AckHeader.pubrel, id);
      else this.connection?.add(encodePublish(message, id, true));
    }
  }

  protected onPacket(header: number, bytes: Uint8Array, start: number): void {
    const id = uint16At(bytes, start);
    const outgoing = this.inflight.get(id);
    if (outgoing === undefined) {
      this.violation(`answer ${header >> 4} for the id ${id}, which is not in flight`);
    } else if (header >> 4 === PacketType.puback) {
      this.onPuback(id, outgoing);
    } else if (header >> 4 === PacketType.pubrec) {
      this.onPubrec(id, outgoing);
    } else if (header >> 4 === PacketType.pubcomp && outgoing.isReleased) {
      this.free(id);
    } else {
      this.violation(`packet ${header >> 4} for the id ${id} out of turn`);
    }
  }

  private onPuback(id: number, { message }: Outgoing): void {
    if (message.qos !== 1) this.violation(`PUBACK for the QoS 2 message ${message.number}`);
    this.requireOrder('puback', message);
    this.free(id);
    this.traits.onAcked(message);
  }

  private onPubrec(id: number, outgoing: Outgoing): void {
    const { message, isReleased } = outgoing;
    if (!isReleased) {
      this.requireOrder('pubrec', message);
      outgoing.isReleased = true;
      this.traits.onAcked(message);
    }
    this.connection?.addAck(AckHeader.pubrel, id);
  }

  /** Answers leave in the order of what they answer [MQTT-4.6.0-2] [MQTT-4.6.0-3]. */
  private requireOrder(kind: 'puback' | 'pubrec', { number }: TestMessage): void {
    if (number < this.answered[kind])
      this.violation(`${kind} of message ${number} behind that of ${this.answered[kind]}`);
    this.answered[kind] = number;
  }

  private takeId(): number {
    if (this.traits.reusesIds) {
      const freed = this.freed.pop();
      if (freed !== undefined) return freed;
    }
    do {
      this.lastId = (this.lastId % PACKET_IDS) + 1;
    } while (this.inflight.has(this.lastId));
    return this.lastId;
  }

  private free(id: number): void {
    this.inflight.delete(id);
    if (this.traits.reusesIds) this.freed.push(id);
  }

  private violation(what: string): void {
    this.surroundings.violations.push(`${this.clientId}: ${what}`);
  }
}
