import { encodeConnect, encodeSubscribe } from './frames.js';
import { Link, PacketType, type LinkObserver, type LinkUser } from './link.js';
import type { LoadOptions } from './load-options.js';
import { Outbox } from './outbox.js';
import type { Tally } from './tally.js';

/** One receiving connection: counts, times and checks the order of what comes, and acknowledges it once a chunk. */
export class Subscriber implements LinkUser {
  private readonly link: Link;
  private readonly outbox: Outbox;
  /** The number that the next message of each publisher should carry. */
  private readonly next: Float64Array;

  constructor(
    private readonly index: number,
    private readonly options: LoadOptions,
    private readonly tally: Tally,
    private readonly observer: LinkObserver,
  ) {
    this.link = new Link(options, tally, this, observer.onBreak);
    this.outbox = new Outbox((bytes, done) => this.link.write(bytes, done));
    this.next = new Float64Array(options.publishers);
  }

  /**
   * @param filters None for a session that has its subscriptions.
   * @throws Error when the broker refuses the connection or a filter.
   */
  async open(filters: readonly string[]): Promise<void> {
    const { options } = this;
    const clientId = `${options.idPrefix}-sub-${this.index}`;
    const code = await this.link.request(encodeConnect(clientId, options.clean, options), PacketType.connack);
    if (code !== 0) throw new Error(`CONNACK with return code ${code}`);
    if (filters.length === 0) return;
    const granted = await this.link.request(encodeSubscribe(filters, options.qos), PacketType.suback);
    if (granted > 2) throw new Error('SUBACK with a failure');
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.publish) this.onPublish(header, bytes, start);
    else if (type === PacketType.pubrel) this.outbox.addAck(0x70, bytes[start]!, bytes[start + 1]!);
    else this.link.onAnswer(header, bytes, start, end);
  }

  onChunkEnd(): void {
    this.outbox.flush();
    this.observer.onProgress();
  }

  async end(msMax: number): Promise<void> {
    await this.link.end(msMax);
  }

  private onPublish(header: number, bytes: Uint8Array, start: number): void {
    const { tally } = this;
    const qos = (header >> 1) & 3;
    let at = start + 2 + ((bytes[start]! << 8) | bytes[start + 1]!);
    if (qos > 0) {
      this.outbox.addAck(qos === 1 ? 0x40 : 0x50, bytes[at]!, bytes[at + 1]!);
      at += 2;
    }
    const publisher = uint32At(bytes, at + 4);
    const number = uint32At(bytes, at + 8);
    if (number !== this.next[publisher]) tally.misordered++;
    this.next[publisher] = number + 1;
    tally.received[publisher] = tally.received[publisher]! + 1;
    if (!tally.measuring) return;
    tally.delivered++;
    tally.latencies.record((tally.nowUs - uint32At(bytes, at)) >>> 0);
  }
}

function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
