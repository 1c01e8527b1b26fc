import { encodeConnect, publishTemplate } from './frames.js';
import { Link, PacketType, type LinkObserver, type LinkUser } from './link.js';
import type { LoadOptions } from './load-options.js';
import { Outbox } from './outbox.js';
import type { Tally } from './tally.js';

/** Messages handed over at once at most: enough to make a write cheap, few enough to keep them spread. */
const BATCH_MESSAGES_MAX = 256;

/**
 * One sending connection. Its write buffer is filled with encoded PUBLISH packets when it is made, the topics in
 * turn; a batch patches times, numbers and packet ids into as many of them as it sends, and writes them in one piece.
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
  private readonly writeBytesMax: number;
  private readonly roomMax: number;
  /** When each packet id was last used, in microseconds as `tally.nowUs` tells them; empty at QoS 0. */
  private readonly sentUs: Uint32Array;
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
    const templates = topicsOf(index, options.topics).map((topic) =>
      publishTemplate(topic, options.qos, index, options.payloadBytes),
    );
    const { frame, payloadAt, packetIdAt } = templates[0]!;
    this.stride = frame.length;
    this.payloadAt = payloadAt;
    this.packetIdAt = packetIdAt;
    this.roomMax = Math.min(BATCH_MESSAGES_MAX, Math.max(1, options.window));
    this.writeBytesMax = options.batch * this.stride;
    // Enough to start a whole batch with any of the topics.
    const copies = this.roomMax + options.topics - 1;
    this.batch = Buffer.concat(
      Array.from({ length: copies }, (_, i) => templates[i % options.topics]!.frame),
    );
    this.sentUs = new Uint32Array(options.qos > 0 ? 65_536 : 0);
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
    return Math.min(this.options.window - (this.sent - done), this.roomMax);
  }

  /** Writes `count` messages, at most what `room` said, all with the time `tally.nowUs`. */
  send(count: number): void {
    const { batch, stride, tally, options } = this;
    const start = (this.sent % options.topics) * stride;
    const end = start + count * stride;
    const time = tally.nowUs;
    let number = options.first + this.sent;
    for (let at = start + this.payloadAt; at < end; at += stride) {
      batch[at] = time >>> 24;
      batch[at + 1] = time >>> 16;
      batch[at + 2] = time >>> 8;
      batch[at + 3] = time;
      batch[at + 8] = number >>> 24;
      batch[at + 9] = number >>> 16;
      batch[at + 10] = number >>> 8;
      batch[at + 11] = number;
      number++;
    }
    if (this.packetIdAt > 0) this.identify(start, end, time);
    this.sent += count;
    this.isWriting = true;
    this.write(start, end);
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.puback || type === PacketType.pubcomp) {
      this.onAck((bytes[start]! << 8) | bytes[start + 1]!);
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

  private onAck(packetId: number): void {
    const { tally } = this;
    this.acked++;
    if (!tally.measuring) return;
    tally.completed++;
    tally.ackLatencies.record((tally.nowUs - this.sentUs[packetId]!) >>> 0);
  }

  /** Gives the messages their packet ids. */
  private identify(start: number, end: number, nowUs: number): void {
    const { batch, stride, sentUs } = this;
    for (let at = start + this.packetIdAt; at < end; at += stride) {
      this.packetId = this.packetId === 65_535 ? 1 : this.packetId + 1;
      batch[at] = this.packetId >>> 8;
      batch[at + 1] = this.packetId;
      sentUs[this.packetId] = nowUs;
    }
  }

  private write(start: number, end: number): void {
    const { batch, writeBytesMax } = this;
    let at = start;
    for (; end - at > writeBytesMax; at += writeBytesMax) {
      this.link.write(batch.subarray(at, at + writeBytesMax));
    }
    this.link.write(batch.subarray(at, end), this.written);
  }

  private readonly written = (): void => {
    this.isWriting = false;
    this.observer.onProgress();
  };
}

/** Several topics are told apart by two digits, so that all packets are equally long. */
function topicsOf(publisher: number, count: number): string[] {
  if (count === 1) return [`load/${publisher}`];
  return Array.from({ length: count }, (_, i) => `load/${publisher}/t${String(i).padStart(2, '0')}`);
}
