import { FrameScanner, type FrameSink } from './frame-scanner.js';
import type { Tally } from './tally.js';
import { openWire, type Wire, type WireTarget } from './wire.js';

/** What a link reports to the publisher or subscriber that uses it. */
export interface LinkUser extends FrameSink {
  /** All frames of a chunk were handed over; the time to write what they made necessary. */
  onChunkEnd(): void;
}

/** What the run learns from its publishers and subscribers. */
export interface LinkObserver {
  /** Windows may have opened: something was received, or a write is done. */
  readonly onProgress: () => void;
  /** The connection failed or was closed by the broker. */
  readonly onBreak: (error: Error) => void;
}

/** Packet types as they stand in the upper half of a fixed header. */
export const PacketType = {
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  suback: 9,
} as const;

const DISCONNECT = Buffer.from([0xe0, 0]);
const REPLY_MS_MAX = 10_000;

/** One connection of the load generator. Fails the whole run when the broker closes it early. */
export class Link {
  private readonly wire: Wire;
  private awaited: { type: number; resolve: (code: number) => void } | undefined;
  private isEnding = false;

  constructor(
    target: WireTarget,
    tally: Tally,
    user: LinkUser,
    private readonly onBreak: LinkObserver['onBreak'],
  ) {
    const scanner = new FrameScanner(user);
    this.wire = openWire(target, (length, bytes) => {
      tally.readClock();
      scanner.push(bytes, length);
      user.onChunkEnd();
    });
    this.wire.on('error', (error) => this.broke(error.message));
    this.wire.on('close', () => this.broke('closed by the broker'));
  }

  /** @param done Called once the bytes may be overwritten. */
  write(bytes: Uint8Array, done?: () => void): void {
    this.wire.write(bytes, done);
  }

  /**
   * Writes a request and waits for the packet that answers it.
   * @returns The byte at `codeAt` of the answer's body.
   */
  async request(bytes: Uint8Array, type: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer of type ${type}`)), REPLY_MS_MAX);
      this.awaited = {
        type,
        resolve: (code) => {
          clearTimeout(late);
          resolve(code);
        },
      };
      this.write(bytes);
    });
  }

  /** Takes a packet that belongs to no message flow: the answer to a request. */
  onAnswer(header: number, bytes: Uint8Array, _start: number, end: number): void {
    if (this.awaited?.type !== header >> 4) return;
    this.awaited.resolve(bytes[end - 1]!);
    this.awaited = undefined;
  }

  /** Sends DISCONNECT and waits until the connection is closed, or not longer than `msMax`. */
  async end(msMax: number): Promise<void> {
    this.isEnding = true;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.wire.destroy(), msMax);
      this.wire.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.wire.end(DISCONNECT);
    });
  }

  private broke(why: string): void {
    if (!this.isEnding) this.onBreak(new Error(`a connection broke: ${why}`));
  }
}
