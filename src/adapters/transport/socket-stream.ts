import type { Socket } from 'node:net';

import type { ByteStream, StreamListener } from '../../application/ports/byte-stream.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { SocketTurns } from './socket-turns.js';

/** Who is at the other end of a connection, as its transport knows. */
export interface Peer {
  readonly remoteAddress: string;
  readonly certificate: ClientCertificate | undefined;
}

/** A connection by TCP, TLS or a Unix socket as a stream of bytes. Whoever has made the socket destroys it when it fails. */
export class SocketStream implements ByteStream {
  readonly remoteAddress: string;
  readonly certificate: ClientCertificate | undefined;
  private listener: StreamListener | undefined;
  private readonly onWritten = (): void => this.listener?.written();

  constructor(
    private readonly socket: Socket,
    { remoteAddress, certificate }: Peer,
  ) {
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
  }

  /**
   * Starts to hand over what comes.
   * @param ends When it is ended because its peer has; undefined does so at once.
   */
  listen(listener: StreamListener, ends?: SocketTurns): void {
    this.listener = listener;
    if (ends !== undefined) {
      this.socket.allowHalfOpen = true;
      this.socket.on('end', () => ends.take(this.socket, () => this.socket.end()));
    }
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
