import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FrameScanner, type FrameSink } from '../load/frame-scanner.js';
import { Outbox } from '../load/outbox.js';

/**
 * Not a broker: it hands PUBLISH frames on, byte for byte, to whoever asked for exactly their topic (or for
 * everything with `#`), and answers the handshakes in the sender's name. No sessions, no packet ids of its
 * own, no checks. What the load generator moves through it bounds what it can measure of any broker.
 */
class Relay {
  private readonly byTopic = new Map<string, RelayLink[]>();
  private readonly everything: RelayLink[] = [];
  private dirty: RelayLink[] = [];

  /** Read at every PUBLISH; grows with each change of the subscriptions so that links look their targets up again. */
  generation = 0;

  subscribe(filter: string, link: RelayLink): void {
    this.generation++;
    if (filter.endsWith('#')) this.everything.push(link);
    else this.byTopic.set(filter, [...(this.byTopic.get(filter) ?? []), link]);
  }

  /** Forgets a closed connection. @param filters What it has subscribed to. */
  drop(link: RelayLink, filters: readonly string[]): void {
    this.generation++;
    for (const filter of filters) {
      const others = (this.byTopic.get(filter) ?? []).filter((one) => one !== link);
      if (others.length > 0) this.byTopic.set(filter, others);
      else this.byTopic.delete(filter);
    }
    if (this.everything.includes(link)) this.everything.splice(this.everything.indexOf(link), 1);
  }

  targetsOf(topic: string): RelayLink[] {
    return [...(this.byTopic.get(topic) ?? []), ...this.everything];
  }

  /** All links that got bytes in a turn of the event loop are written after its reads. */
  markDirty(link: RelayLink): void {
    if (this.dirty.length === 0) setImmediate(() => this.flush());
    this.dirty.push(link);
  }

  private flush(): void {
    const links = this.dirty;
    this.dirty = [];
    for (const link of links) link.flush();
  }
}

/** One connection to the relay; sends on runs of frames for the same topic in one copy. */
class RelayLink implements FrameSink {
  private readonly outbox: Outbox;
  private readonly filters: string[] = [];
  private isDirty = false;
  private topic: Uint8Array = new Uint8Array(0);
  private targets: RelayLink[] = [];
  private generation = -1;
  private runBytes: Uint8Array = this.topic;
  private runStart = 0;
  private runEnd = 0;

  constructor(
    private readonly relay: Relay,
    socket: Socket,
  ) {
    this.outbox = new Outbox((bytes, done) => socket.write(bytes, done));
    const scanner = new FrameScanner(this);
    socket.on('data', (chunk) => {
      scanner.push(chunk, chunk.length);
      this.endRun();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => relay.drop(this, this.filters));
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    switch (header >> 4) {
      case 1:
        return this.reply([0x20, 2, 0, 0]);
      case 3:
        return this.onPublish(header, bytes, start, end);
      case 5:
        return this.reply([0x62, 2, bytes[start]!, bytes[start + 1]!]);
      case 6:
        return this.reply([0x70, 2, bytes[start]!, bytes[start + 1]!]);
      case 8:
        return this.onSubscribe(bytes, start, end);
      default:
    }
  }

  flush(): void {
    this.isDirty = false;
    this.outbox.flush();
  }

  private onPublish(header: number, bytes: Uint8Array, start: number, end: number): void {
    const topicStart = start + 2;
    const topicEnd = topicStart + ((bytes[start]! << 8) | bytes[start + 1]!);
    const frameStart = start - headerBytes(end - start);
    if (!this.isSameTopic(bytes, topicStart, topicEnd)) {
      this.endRun();
      this.topic = bytes.slice(topicStart, topicEnd);
      this.targets = this.relay.targetsOf(Buffer.from(this.topic).toString());
      this.generation = this.relay.generation;
    }
    if (bytes !== this.runBytes || frameStart !== this.runEnd) {
      this.endRun();
      this.runBytes = bytes;
      this.runStart = frameStart;
    }
    this.runEnd = end;
    const qos = (header >> 1) & 3;
    if (qos > 0) this.addAck(qos === 1 ? 0x40 : 0x50, bytes[topicEnd]!, bytes[topicEnd + 1]!);
    // A carried-over frame lies in a buffer that the scanner is about to use again.
    if (frameStart === 0) this.endRun();
  }

  private isSameTopic(bytes: Uint8Array, start: number, end: number): boolean {
    const { topic } = this;
    if (this.generation !== this.relay.generation || topic.length !== end - start) return false;
    for (let i = 0; i < topic.length; i++) if (topic[i] !== bytes[start + i]) return false;
    return true;
  }

  private endRun(): void {
    if (this.runEnd > this.runStart) {
      for (const target of this.targets) target.addBytes(this.runBytes, this.runStart, this.runEnd);
    }
    this.runStart = 0;
    this.runEnd = 0;
    this.runBytes = NO_BYTES;
  }

  private onSubscribe(bytes: Uint8Array, start: number, end: number): void {
    const reply = [0x90, 2, bytes[start]!, bytes[start + 1]!];
    for (let at = start + 2; at < end;) {
      const filterEnd = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
      const filter = Buffer.from(bytes.subarray(at + 2, filterEnd)).toString();
      this.filters.push(filter);
      this.relay.subscribe(filter, this);
      reply.push(bytes[filterEnd]!);
      at = filterEnd + 1;
    }
    reply[1] = reply.length - 2;
    this.reply(reply);
  }

  private addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.outbox.addBytes(bytes, start, end);
    this.markDirty();
  }

  private addAck(header: number, packetIdHigh: number, packetIdLow: number): void {
    this.outbox.addAck(header, packetIdHigh, packetIdLow);
    this.markDirty();
  }

  private reply(bytes: readonly number[]): void {
    this.addBytes(Uint8Array.from(bytes), 0, bytes.length);
  }

  private markDirty(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.relay.markDirty(this);
  }
}

const NO_BYTES = new Uint8Array(0);

function headerBytes(remaining: number): number {
  if (remaining < 128) return 2;
  return remaining < 16_384 ? 3 : remaining < 2_097_152 ? 4 : 5;
}

const relay = new Relay();
const server = createServer({ noDelay: true }, (socket) => new RelayLink(relay, socket));
// As many as all clients of a storm, so that none of them has to try again a second later.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));
