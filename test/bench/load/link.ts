import { connect, type Socket } from 'node:net';
import { FrameScanner, type FrameSink } from './frame-scanner.js';
import type { Tally } from './tally.js';

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
/** One buffer serves all sockets: a chunk is used up before the next read fills it again. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** One TCP connection of the load generator. Fails the whole run when the broker closes it early. */
export class Link {
  private readonly socket: Socket;
  private awaited: { type: number; resolve: (code: number) => void } | undefined;
  private isEnding = false;

  constructor(
    target: { host: string; port: number },
    tally: Tally,
    user: LinkUser,
    private readonly onBreak: LinkObserver['onBreak'],
  ) {
    const scanner = new FrameScanner(user);
    const onChunk = (length: number, bytes: Uint8Array): boolean => {
      tally.readClock();
      scanner.push(bytes, length);
      user.onChunkEnd();
      return true;
    };
    this.socket = connect({ ...target, noDelay: true, onread: { buffer: readBuffer, callback: onChunk } });
    this.socket.on('error', (error) => this.broke(error.message));
    this.socket.on('close', () => this.broke('closed by the broker'));
  }

  /** @param done Called once the bytes may be overwritten. */
  write(bytes: Uint8Array, done?: () => void): void {
    this.socket.write(bytes, done);
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
      const late = setTimeout(() => this.socket.destroy(), msMax);
      this.socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.socket.end(DISCONNECT);
    });
  }

  private broke(why: string): void {
    if (!this.isEnding) this.onBreak(new Error(`a connection broke: ${why}`));
  }
}
