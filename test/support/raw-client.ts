import { connect as connectSocket, type Socket } from 'node:net';
import {
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  type FilterRequest,
  type PublishFields,
} from './packets.js';
import { frameLength, readServerPacket, type ReceivedPublish, type ServerPacket } from './server-packets.js';

/** A packet of the type named. */
type PacketOf<T extends ServerPacket['type']> = Extract<ServerPacket, { type: T }>;

/** How long an expected packet may take, in milliseconds; only a failing test waits that long. */
const PACKET_WAIT_MS = 5_000;
/** How long an expected close may take, in milliseconds. */
const CLOSE_WAIT_MS = 2_000;

const describe = (frame: Buffer): string =>
  `${frame.subarray(0, 40).toString('hex')}${frame.length > 40 ? '...' : ''}`;

/**
 * A TCP client that sends the bytes it is told to and keeps every frame that comes back, in order.
 * It answers nothing by itself. Frames are read strictly; see `server-packets.ts`.
 */
export class RawClient {
  private readonly frames: Buffer[] = [];
  private readonly probes = new Set<() => void>();
  private unread: Buffer = Buffer.alloc(0);
  private closed = false;
  private fault: Error | undefined;
  private nextId = 0;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    // A reset is one of the ways in which a server closes; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.probe();
    });
  }

  /** Opens a connection and sends nothing. */
  static async open(port: number): Promise<RawClient> {
    const socket = connectSocket({ port, host: '127.0.0.1' });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Sends the packets in one write. */
  send(...packets: Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets));
  }

  /** Sends each piece in a write of its own, with a turn of the event loop between them. */
  async sendInPieces(bytes: Uint8Array, pieceBytes: number): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      await new Promise<void>((resolve) => this.socket.write(piece, () => setImmediate(resolve)));
    }
  }

  /** The next frame as it came. */
  nextFrame(waitMs = PACKET_WAIT_MS): Promise<Buffer> {
    return this.until('a packet', waitMs, () => this.frames.shift());
  }

  /** The next packet, whatever it is. */
  async next(waitMs = PACKET_WAIT_MS): Promise<ServerPacket> {
    return readServerPacket(await this.nextFrame(waitMs));
  }

  /** The next packet of the type named; packets of other types stay for later. */
  take<T extends ServerPacket['type']>(type: T, waitMs = PACKET_WAIT_MS): Promise<PacketOf<T>> {
    return this.until(`a ${type}`, waitMs, () => {
      for (const [index, bytes] of this.frames.entries()) {
        const packet = readServerPacket(bytes);
        if (packet.type !== type) continue;
        this.frames.splice(index, 1);
        return packet as PacketOf<T>;
      }
      return undefined;
    });
  }

  /** The next `count` packets, which all have to be PUBLISH. */
  async nextPublishes(count: number): Promise<ReceivedPublish[]> {
    const received: ReceivedPublish[] = [];
    while (received.length < count) received.push(await this.nextPublish());
    return received;
  }

  /** The next packet, which has to be a PUBLISH. */
  async nextPublish(): Promise<ReceivedPublish> {
    const packet = await this.next();
    if (packet.type !== 'publish') throw new Error(`expected a PUBLISH, got ${JSON.stringify(packet)}`);
    return packet;
  }

  /** All packets that are here by now. */
  takeAll(): ServerPacket[] {
    return this.frames.splice(0).map(readServerPacket);
  }

  /** A packet id that this client has not used yet. */
  freshId(): number {
    this.nextId += 1;
    return this.nextId;
  }

  /** Subscribes, and returns the codes of the SUBACK. Messages that come before it stay for later. */
  async subscribe(...requests: FilterRequest[]): Promise<readonly number[]> {
    const packetId = this.freshId();
    this.send(subscribe(packetId, ...requests));
    const suback = await this.take('suback');
    if (suback.packetId !== packetId) throw new Error(`SUBACK for ${suback.packetId}, not ${packetId}`);
    return suback.returnCodes;
  }

  /** Publishes, and returns when the broker has dealt with it: at QoS 1 and 2 after the whole exchange. */
  async publish(fields: PublishFields): Promise<void> {
    const packetId = this.freshId();
    this.send(publish((fields.qos ?? 0) > 0 ? { packetId, ...fields } : fields));
    if (fields.qos === 1) await this.take('puback');
    else if (fields.qos === 2) {
      await this.take('pubrec');
      this.send(pubrel(packetId));
      await this.take('pubcomp');
    } else await this.ping();
  }

  /** Does the receiver's part for a message, at its QoS, to the end. */
  async acknowledge({ qos, packetId }: ReceivedPublish): Promise<void> {
    if (qos === 1) this.send(puback(packetId));
    if (qos !== 2) return;
    this.send(pubrec(packetId));
    await this.take('pubrel');
    this.send(pubcomp(packetId));
  }

  /** One PINGREQ and its PINGRESP: what was sent before has been handled. */
  async ping(): Promise<void> {
    this.send(pingreq());
    await this.take('pingresp');
  }

  /**
   * Fails if the broker had anything to say. Its answer to a PINGREQ has to be the next packet, and
   * output is in order, so no time needs to pass.
   */
  async expectSilence(): Promise<void> {
    this.send(pingreq());
    const packet = await this.next();
    if (packet.type !== 'pingresp') throw new Error(`expected silence, got ${JSON.stringify(packet)}`);
  }

  /** Fails unless the broker closes in time, having sent nothing that was not taken yet. */
  async expectClosed(waitMs = CLOSE_WAIT_MS): Promise<void> {
    await this.whenClosed(waitMs);
    const [frame] = this.frames;
    if (frame !== undefined) throw new Error(`expected a close only, got ${describe(frame)}`);
    if (this.unread.length > 0) throw new Error(`a cut packet before the close: ${describe(this.unread)}`);
  }

  /** Fails unless the broker closes in time; packets that came before it may still be taken. */
  async whenClosed(waitMs = CLOSE_WAIT_MS): Promise<void> {
    await this.until('a close', waitMs, () => (this.closed ? true : undefined));
  }

  /** True once the connection is gone. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Takes nothing more from the network, as a client does that hangs. */
  stopReading(): void {
    this.socket.pause();
  }

  /** Cuts the connection as a failing network would, with no DISCONNECT before it. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Ends the sending side only, as a client does that goes away in order but without DISCONNECT. */
  end(): void {
    this.socket.end();
  }

  private receive(chunk: Buffer): void {
    this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
    try {
      this.cutFrames();
    } catch (error) {
      this.fault = error as Error;
      this.socket.destroy();
    }
    this.probe();
  }

  private cutFrames(): void {
    for (;;) {
      const length = frameLength(this.unread);
      if (length === undefined) return;
      this.frames.push(this.unread.subarray(0, length));
      this.unread = this.unread.subarray(length);
    }
  }

  private probe(): void {
    for (const probe of this.probes) probe();
  }

  private until<T>(what: string, waitMs: number, look: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.probes.delete(probe);
        settle();
      };
      const probe = (): void => {
        try {
          if (this.fault !== undefined) throw this.fault;
          const found = look();
          if (found !== undefined) finish(() => resolve(found));
          else if (this.closed) finish(() => reject(new Error(`closed while waiting for ${what}`)));
        } catch (error) {
          finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const late = (): void => {
        const [frame] = this.frames;
        const seen = frame === undefined ? 'nothing' : describe(frame);
        finish(() => reject(new Error(`no ${what} within ${waitMs} ms; unread: ${seen}`)));
      };
      const timer = setTimeout(late, waitMs);
      this.probes.add(probe);
      probe();
    });
  }
}
