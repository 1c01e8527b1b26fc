import { AckHeader, encodeSubscribe, PacketType, STAMP_BYTES, uint16At, uint32At } from './packets.js';
import { PersistentClient, type Surroundings } from './persistent-client.js';

/** A message as its receiver's application gets it: at QoS 2 what the discard rule has left. */
export interface Received {
  readonly source: number;
  readonly number: number;
  readonly qos: number;
  readonly topic: () => string;
}

/** How a subscriber goes about it. */
export interface SubscriberTraits {
  /** Connects with CleanSession 1, and is to be connected only once. */
  readonly cleanSession?: boolean;
  /** Milliseconds that its acknowledgements are held back; 0 sends them at once. */
  readonly ackDelayMs: number;
  readonly onMessage: (message: Received) => void;
}

/** Receives at QoS 1 and 2, with the receiver's whole state machine over any number of connections. */
export class Subscriber extends PersistentClient {
  /** Ids of QoS 2 messages that were delivered and aren't released: a repeat of these is discarded. */
  private readonly held = new Set<number>();
  private readonly delayed: { readonly header: number; readonly id: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private nextSubscribeId = 1;
  private readonly subacks = new Map<number, (codes: Uint8Array) => void>();

  constructor(
    clientId: string,
    surroundings: Surroundings,
    private readonly traits: SubscriberTraits,
  ) {
    super(clientId, surroundings, traits.cleanSession);
  }

  /** Subscribes; `onGranted` follows with SUBACK, and never when the connection ends before. */
  subscribe(filters: readonly string[], qos: number, onGranted: () => void): void {
    const id = this.nextSubscribeId++;
    this.subacks.set(id, (codes) => {
      if (codes.every((code) => code === qos)) onGranted();
      else this.surroundings.violations.push(`${this.clientId}: SUBACK ${codes.join()} for QoS ${qos}`);
    });
    this.connection?.add(encodeSubscribe(id, filters, qos));
    this.connection?.flush();
  }

  onChunkEnd(): void {
    if (this.traits.ackDelayMs === 0) this.connection?.flush();
  }

  /** Acknowledgements that were held back belong to the old connection. */
  protected onOnline(): void {
    this.delayed.length = 0;
    this.subacks.clear();
  }

  protected onPacket(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.publish) {
      this.onPublish(header, bytes, start, end);
    } else if (type === PacketType.pubrel) {
      const id = uint16At(bytes, start);
      this.held.delete(id);
      this.answer(AckHeader.pubcomp, id);
    } else if (type === PacketType.suback) {
      this.subacks.get(uint16At(bytes, start))?.(bytes.slice(start + 2, end));
    } else {
      this.surroundings.violations.push(`${this.clientId}: a packet of type ${type}`);
    }
  }

  private onPublish(header: number, bytes: Uint8Array, start: number, end: number): void {
    const qos = (header >> 1) & 3;
    const topicEnd = start + 2 + uint16At(bytes, start);
    const payloadAt = qos === 0 ? topicEnd : topicEnd + 2;
    const id = qos === 0 ? 0 : uint16At(bytes, topicEnd);
    if (qos === 2 && this.held.has(id)) {
      this.answer(AckHeader.pubrec, id);
      return;
    }
    if (end - payloadAt >= STAMP_BYTES) {
      this.traits.onMessage({
        source: uint32At(bytes, payloadAt),
        number: uint32At(bytes, payloadAt + 4),
        qos,
        topic: () => Buffer.from(bytes.subarray(start + 2, topicEnd)).toString(),
      });
    }
    if (qos === 1) this.answer(AckHeader.puback, id);
    if (qos === 2) {
      this.held.add(id);
      this.answer(AckHeader.pubrec, id);
    }
  }

  private answer(header: number, id: number): void {
    const { ackDelayMs } = this.traits;
    if (ackDelayMs === 0) {
      this.connection?.addAck(header, id);
      return;
    }
    this.delayed.push({ header, id });
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const ack of this.delayed.splice(0)) this.connection?.addAck(ack.header, ack.id);
      this.connection?.flush();
    }, ackDelayMs);
  }
}
