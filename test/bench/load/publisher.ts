import { encodeConnect, publishTemplate } from './frames.js';
import { Link, PacketType, type LinkObserver, type LinkUser } from './link.js';
import type { LoadOptions } from './load-options.js';
import { Outbox } from './outbox.js';
import type { Tally } from './tally.js';

/** Messages written at once at most: enough to make a write cheap, few enough to keep them spread. */
const BATCH_MESSAGES_MAX = 256;

/**
 * One sending connection. Its write buffer is filled with copies of one encoded PUBLISH when it is made;
 * a batch patches times and packet ids into as many of them as it sends, and writes them in one piece.
 */
export class Publisher implements LinkUser {
  /** Messages written so far. */
  sent = 0;
  /** Handshakes completed so far; stays 0 at QoS 0. */
  acked = 0;

  private readonly link: Link;
  private readonly outbox: Outbox;
  private readonly batch: Uint8Array;
  private readonly stride: number;
  private readonly payloadAt: number;
  private readonly packetIdAt: number;
  private packetId = 0;
  private isWriting = false;

  constructor(
    private readonly index: number,
    private readonly options: LoadOptions,
    private readonly tally: Tally,
    private readonly observer: LinkObserver,
  ) {
    this.link = new Link(options, tally, this, observer.onBreak);
    this.outbox = new Outbox((bytes, done) => this.link.write(bytes, done));
    const template = publishTemplate(`load/${index}`, options.qos, index, options.payloadBytes);
    this.stride = template.frame.length;
    this.payloadAt = template.payloadAt;
    this.packetIdAt = template.packetIdAt;
    const copies = Math.min(BATCH_MESSAGES_MAX, Math.max(1, options.window));
    this.batch = Buffer.concat(Array.from({ length: copies }, () => template.frame));
  }

  /** @throws Error when the broker refuses the connection. */
  async open(): Promise<void> {
    const { options } = this;
    const clientId = `${options.idPrefix}-pub-${this.index}`;
    const code = await this.link.request(encodeConnect(clientId, options.clean, options), PacketType.connack);
    if (code !== 0) throw new Error(`CONNACK with return code ${code}`);
  }

  /** How many messages may be written now, given that `done` of those sent are through. */
  room(done: number): number {
    if (this.isWriting) return 0;
    return Math.min(this.options.window - (this.sent - done), this.batch.length / this.stride);
  }

  /** Writes `count` messages, at most what `room` said, all with the time `tally.nowUs`. */
  send(count: number): void {
    const { batch, stride, tally } = this;
    const bytesCount = count * stride;
    const time = tally.nowUs;
    for (let at = this.payloadAt; at < bytesCount; at += stride) {
      batch[at] = time >>> 24;
      batch[at + 1] = time >>> 16;
      batch[at + 2] = time >>> 8;
      batch[at + 3] = time;
    }
    if (this.packetIdAt > 0) this.numberMessages(bytesCount);
    this.sent += count;
    this.isWriting = true;
    this.link.write(batch.subarray(0, bytesCount), this.written);
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.puback || type === PacketType.pubcomp) {
      this.acked++;
      if (this.tally.measuring) this.tally.completed++;
    } else if (type === PacketType.pubrec) {
      this.outbox.addAck(0x62, bytes[start]!, bytes[start + 1]!);
    } else {
      this.link.onAnswer(header, bytes, start, end);
    }
  }

  onChunkEnd(): void {
    this.outbox.flush();
    this.observer.onProgress();
  }

  async end(msMax: number): Promise<void> {
    await this.link.end(msMax);
  }

  private numberMessages(bytesCount: number): void {
    const { batch, stride } = this;
    for (let at = this.packetIdAt; at < bytesCount; at += stride) {
      this.packetId = this.packetId === 65_535 ? 1 : this.packetId + 1;
      batch[at] = this.packetId >>> 8;
      batch[at + 1] = this.packetId;
    }
  }

  private readonly written = (): void => {
    this.isWriting = false;
    this.observer.onProgress();
  };
}
