import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * The socket as the WebSocket library sees it: it reads the control frames alone, which are pushed here, and what it
 * writes goes out as it is. Taking data frames apart at the rate of MQTT's is more than the library is made for.
 */
export class ControlChannel extends Duplex {
  constructor(private readonly socket: Socket) {
    super();
    socket.on('error', (error) => this.destroy(error));
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
  }

  /** Control frames are few and short: whoever sends many is cut off by the limit on answers to pings. */
  override _read(): void {
    // Nothing to ask for: frames are pushed as they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  /** A frame in several pieces stays together. */
  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
