import type { Socket } from 'node:net';

import type { ByteStream, StreamListener } from '../../application/ports/byte-stream.js';

/** A TCP connection as a stream of bytes. */
export class TcpStream implements ByteStream {
  readonly remoteAddress: string;
  readonly certificate = undefined;
  private listener: StreamListener | undefined;
  private readonly onWritten = (): void => this.listener?.written();

  constructor(private readonly socket: Socket) {
    // A Unix socket has none.
    this.remoteAddress = socket.remoteAddress ?? 'local';
    // A connection that is refused before anybody listens may fail too.
    socket.on('error', () => socket.destroy());
  }

  /** Starts to hand over what comes. */
  listen(listener: StreamListener): void {
    this.listener = listener;
    this.socket.on('data', (chunk: Buffer) => listener.received(chunk));
    this.socket.on('close', () => listener.closed());
  }

  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes, this.onWritten);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
